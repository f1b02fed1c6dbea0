// SPDX-License-Identifier: Apache-2.0
#include "base/java_properties.hpp"

#include "pyfops/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace pyfops {
namespace {

constexpr std::string_view white = " \t\f";

std::string from_latin1(std::string_view text) {
    std::string out;
    for (const char c : text)
        append_utf8(out, static_cast<unsigned char>(c));
    return out;
}

bool continues(std::string_view line) {
    std::size_t backslashes = 0;
    while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\')
        ++backslashes;
    return backslashes % 2 == 1;
}

/// Lines as Java counts them: joined where continued, without comments and leading white space.
std::vector<std::string> logical_lines(std::string_view text) {
    std::vector<std::string> lines;
    bool continued = false;
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto start = line.find_first_not_of(white);
        line = start == std::string_view::npos ? std::string_view() : line.substr(start);
        const bool comment = !continued && !line.empty() && (line[0] == '#' || line[0] == '!');
        if (!continued && (line.empty() || comment)) continue;
        const bool more = continues(line);
        if (more) line.remove_suffix(1);
        if (continued)
            lines.back() += line;
        else
            lines.emplace_back(line);
        continued = more;
    }
    return lines;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::uint32_t four_digits(std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text.substr(0, 4))
        value = value << 4 | static_cast<std::uint32_t>(hex_digit(c) < 0 ? 0 : hex_digit(c));
    return value;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == 'u' && i + 4 < text.size()) {
            std::uint32_t point = four_digits(text.substr(i + 1));
            i += 4;
            const bool high = point >= 0xD800 && point < 0xDC00;
            if (high && i + 6 < text.size() && text[i + 1] == '\\' && text[i + 2] == 'u') {
                const std::uint32_t low = four_digits(text.substr(i + 3));
                if (low >= 0xDC00 && low <= 0xDFFF) {
                    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
                    i += 6;
                }
            }
            append_utf8(out, point);
        } else {
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
        }
    }
    return out;
}

} // namespace

std::map<std::string, std::string> parse_java_properties(std::string_view text) {
    const std::string converted = first_invalid_utf8(text) ? from_latin1(text) : std::string(text);
    std::map<std::string, std::string> values;
    for (const std::string& line : logical_lines(converted)) {
        std::size_t end = 0;
        while (end < line.size() && std::string_view(" \t\f=:").find(line[end]) == std::string_view::npos)
            end += line[end] == '\\' ? 2 : 1;
        end = std::min(end, line.size());
        std::size_t value = line.find_first_not_of(white, end);
        if (value != std::string::npos && (line[value] == '=' || line[value] == ':'))
            value = line.find_first_not_of(white, value + 1);
        values[unescape(std::string_view(line).substr(0, end))] =
            value == std::string::npos ? "" : unescape(std::string_view(line).substr(value));
    }
    return values;
}

} // namespace pyfops
