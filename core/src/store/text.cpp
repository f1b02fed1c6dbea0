// SPDX-License-Identifier: Apache-2.0
#include "store/text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace pyfops::store {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

/// The code point at the start of `text`, which is not empty.
CodePoint first(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    std::size_t bytes = 0;
    std::uint32_t value = 0, smallest = 0;
    if ((lead & 0xE0) == 0xC0) {
        bytes = 2, value = lead & 0x1F, smallest = 0x80;
    } else if ((lead & 0xF0) == 0xE0) {
        bytes = 3, value = lead & 0x0F, smallest = 0x800;
    } else if ((lead & 0xF8) == 0xF0) {
        bytes = 4, value = lead & 0x07, smallest = 0x10000;
    } else {
        return {};
    }
    if (text.size() < bytes) return {};
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        value = value << 6 | (byte(i) & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest || value > 0x10FFFF || surrogate) return {};
    return {value, bytes, true};
}

} // namespace

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = first(text);
        out += point.valid ? text.substr(0, point.bytes) : replacement;
        text.remove_prefix(point.bytes);
    }
    return out;
}

std::size_t length(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); text.remove_prefix(first(text).bytes))
        ++count;
    return count;
}

bool fits_afcl(std::string_view text, std::size_t max_length) {
    std::size_t count = 0;
    while (!text.empty()) {
        const CodePoint point = first(text);
        if (!point.valid || point.bytes == 4 || ++count > max_length) return false;
        text.remove_prefix(point.bytes);
    }
    return true;
}

std::string fit_afcl(std::string_view text, std::size_t max_length) {
    std::string out;
    for (std::size_t count = 0; !text.empty() && count < max_length; ++count) {
        const CodePoint point = first(text);
        out += point.valid && point.bytes < 4 ? text.substr(0, point.bytes) : replacement;
        text.remove_prefix(point.bytes);
    }
    return out;
}

std::string escape_astral(std::string_view json_text) {
    std::string out;
    while (!json_text.empty()) {
        const CodePoint point = first(json_text);
        if (point.valid && point.bytes == 4) {
            const std::uint32_t offset = point.value - 0x10000;
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF));
        } else {
            out += json_text.substr(0, point.bytes);
        }
        json_text.remove_prefix(point.bytes);
    }
    return out;
}

} // namespace pyfops::store
