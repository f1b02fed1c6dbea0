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
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  # Short pieces: a hex escape would otherwise swallow the digits that follow, and compilers limit literals.
  string(REGEX REPLACE "((\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?)" "\"\\1\"\n" escaped "${escaped}")
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
