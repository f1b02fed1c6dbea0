// SPDX-License-Identifier: Apache-2.0
#include "packaging/paths.hpp"

#include "base/printable.hpp"
#include "pyfops/error.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

namespace pyfops::packaging {

void check_path(std::string_view path) {
    const auto refuse = [&](const char* why) {
        throw Error(ErrorKind::invalid_input, fmt::format("the path '{}' {}", printable(path), why));
    };
    if (path.empty()) refuse("is empty");
    if (path.size() > 1024) refuse("is longer than 1,024 bytes");
    if (path.front() == '/') refuse("is absolute");
    for (const char c : path)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) refuse("holds a control character");
    if (first_invalid_utf8(path)) refuse("is not UTF-8");
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view part = path.substr(start, end - start);
        if (part.empty()) refuse("has an empty part");
        if (part == "." || part == "..") refuse("has a '.' or '..' part");
        start = end + 1;
    }
}

} // namespace pyfops::packaging
