# SPDX-License-Identifier: Apache-2.0
# Run by pyfops_embed: turns text files into one C++ table.
file(WRITE ${HEADER}.tmp "#pragma once
#include <string_view>
#include <vector>
namespace ${NAMESPACE} {
/// The embedded file of that path; empty when there is none.
std::string_view text(std::string_view path);
/// All embedded paths, sorted.
std::vector<std::string_view> paths();
}
")
get_filename_component(header_name ${HEADER} NAME)
set(body "#include \"${header_name}\"
namespace ${NAMESPACE} {
namespace {
struct Entry { std::string_view path; std::string_view content; };
constexpr Entry entries[] = {
")
list(SORT FILES)
foreach(file IN LISTS FILES)
  file(READ ${BASE}/${file} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR bytes "${length} / 2")
  # Short pieces: compilers limit literals, and a hex escape would swallow a digit that follows. CMake's regular
  # expressions take nine groups at most, so the pieces are cut first.
  string(REGEX REPLACE "(................................)" "\\1\n" lines "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" lines "${lines}")
  string(REGEX REPLACE "([^\n]+)" "\"\\1\"" escaped "${lines}")
  if(bytes EQUAL 0)
    set(escaped "\"\"")
  endif()
  string(APPEND body "{\"${file}\", std::string_view(${escaped}, ${bytes})},\n")
endforeach()
string(APPEND body "{\"\", {}}};
}
std::string_view text(std::string_view path) {
    for (const Entry& entry : entries)
        if (!path.empty() && entry.path == path) return entry.content;
    return {};
}
std::vector<std::string_view> paths() {
    std::vector<std::string_view> all;
    for (const Entry& entry : entries)
        if (!entry.path.empty()) all.push_back(entry.path);
    return all;
}
}
")
file(WRITE ${SOURCE} "${body}")
file(RENAME ${HEADER}.tmp ${HEADER})
