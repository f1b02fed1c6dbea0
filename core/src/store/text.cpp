// SPDX-License-Identifier: Apache-2.0
#include "store/text.hpp"

#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace pyfops::store {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

} // namespace

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        out += point.valid ? text.substr(0, point.bytes) : replacement;
        text.remove_prefix(point.bytes);
    }
    return out;
}

std::size_t length(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); text.remove_prefix(first_code_point(text).bytes))
        ++count;
    return count;
}

bool fits_afcl(std::string_view text, std::size_t max_length) {
    std::size_t count = 0;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (!point.valid || point.bytes == 4 || ++count > max_length) return false;
        text.remove_prefix(point.bytes);
    }
    return true;
}

std::string fit_afcl(std::string_view text, std::size_t max_length) {
    std::string out;
    for (std::size_t count = 0; !text.empty() && count < max_length; ++count) {
        const CodePoint point = first_code_point(text);
        out += point.valid && point.bytes < 4 ? text.substr(0, point.bytes) : replacement;
        text.remove_prefix(point.bytes);
    }
    return out;
}

std::string escape_astral(std::string_view json_text) {
    std::string out;
    while (!json_text.empty()) {
        const CodePoint point = first_code_point(json_text);
        if (point.valid && point.bytes == 4) {
            const char32_t offset = point.value - 0x10000;
            out += fmt::format("\\u{:04x}\\u{:04x}", static_cast<std::uint32_t>(0xD800 + (offset >> 10)),
                               static_cast<std::uint32_t>(0xDC00 + (offset & 0x3FF)));
        } else {
            out += json_text.substr(0, point.bytes);
        }
        json_text.remove_prefix(point.bytes);
    }
    return out;
}

Realm realm_of(std::string_view text) {
    return text == to_string(Realm::local) ? Realm::local : Realm::real;
}

} // namespace pyfops::store
