// SPDX-License-Identifier: Apache-2.0
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

namespace pyfops {
namespace {

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace

CodePoint first_code_point(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return {first, 1, true};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
    char32_t value = first & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return {};
        value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
    return {value, length, true};
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = first_code_point(text.substr(at));
        if (!point.valid) return at;
        at += point.bytes;
    }
    return std::nullopt;
}

std::string_view cut_utf8(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    while (most > 0 && is_continuation(text[most]))
        --most;
    return text.substr(0, most);
}

void append_utf8(std::string& text, char32_t point) {
    const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
    const auto continuation = [&](unsigned shift) { add(0x80 | (point >> shift & 0x3f)); };
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) {
        add(point);
    } else if (point < 0x800) {
        add(0xc0 | point >> 6);
        continuation(0);
    } else if (point < 0x10000) {
        add(0xe0 | point >> 12);
        continuation(6);
        continuation(0);
    } else {
        add(0xf0 | point >> 18);
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

namespace {

/// What could move the cursor, hide text or turn its direction.
bool is_control(char32_t value) {
    return value < 0x20 || (value >= 0x7f && value < 0xa0) || (value >= 0x202a && value <= 0x202e) ||
           (value >= 0x2066 && value <= 0x2069) || value == 0x2028 || value == 0x2029;
}

} // namespace

std::string escape_control(std::string_view text, bool keep_lines) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (!point.valid) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        } else if (point.value == '\t' || (point.value == '\n' && keep_lines) || !is_control(point.value)) {
            result += text.substr(0, point.bytes);
        } else if (point.value < 0x100) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned>(point.value));
        } else {
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
        }
        text.remove_prefix(point.bytes);
    }
    return result;
}

} // namespace pyfops
