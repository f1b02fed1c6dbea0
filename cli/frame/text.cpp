// SPDX-License-Identifier: Apache-2.0
#include "frame/text.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pyfops::cli {

std::string human_size(std::size_t bytes) {
    if (bytes < 1024) return fmt::format("{} B", bytes);
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string human_duration(Milliseconds duration) {
    const long long ms = duration.count();
    if (ms < 1000) return fmt::format("{} ms", ms);
    if (ms < 59'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
    const long long seconds = (ms + 500) / 1000;
    if (seconds < 3600) {
        if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
        return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    }
    const long long minutes = (seconds + 30) / 60;
    if (minutes % 60 == 0) return fmt::format("{} h", minutes / 60);
    return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string shell_quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    const bool as_it_is = !text.empty() && text.find_first_not_of(plain) == std::string_view::npos;
    return as_it_is ? std::string(text) : shell_quoted(text);
}

namespace {

struct Range {
    char32_t first, last;
};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t value) {
    for (const Range& range : ranges)
        if (value >= range.first && value <= range.last) return true;
    return false;
}

/// Coarse on purpose: it lays out names and messages, it does not typeset.
std::size_t width_of(char32_t value) {
    constexpr std::array<Range, 8> none{{{0x300, 0x36f},
                                         {0x483, 0x489},
                                         {0x591, 0x5bd},
                                         {0x64b, 0x65f},
                                         {0x200b, 0x200f},
                                         {0x20d0, 0x20ff},
                                         {0xfe00, 0xfe0f},
                                         {0xfe20, 0xfe2f}}};
    constexpr std::array<Range, 10> wide{{{0x1100, 0x115f},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0xa4cf},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff00, 0xff60},
                                          {0xffe0, 0xffe6},
                                          {0x1f300, 0x1faff},
                                          {0x20000, 0x3fffd}}};
    if (within(none, value)) return 0;
    return within(wide, value) ? 2 : 1;
}

} // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        width += point.valid ? width_of(point.value) : 1;
        text.remove_prefix(point.bytes);
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    const std::size_t dots = width < 4 ? 0 : 3;
    std::size_t used = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        const CodePoint point = first_code_point(rest);
        const std::size_t next = point.valid ? width_of(point.value) : 1;
        if (used + next + dots > width) break;
        used += next;
        rest.remove_prefix(point.bytes);
    }
    return std::string(text.substr(0, text.size() - rest.size())) + std::string(dots, '.');
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    std::string result;
    std::size_t used = indent;
    for (const std::string_view word : split(text, ' ')) {
        const std::size_t length = display_width(word);
        if (used > indent && used + 1 + length > width) {
            result += "\n" + std::string(indent, ' ');
            used = indent;
        } else if (used > indent) {
            result += ' ';
            ++used;
        }
        result += word;
        used += length;
    }
    return result + "\n";
}

std::size_t text_width(std::size_t width) {
    return width == 0 ? 80 : std::clamp<std::size_t>(width, 40, 110);
}

std::string pad_right(std::string text, std::size_t width) {
    const std::size_t used = display_width(text);
    if (used < width) text.append(width - used, ' ');
    return text;
}

std::string pad_left(std::string text, std::size_t width) {
    const std::size_t used = display_width(text);
    if (used < width) text.insert(0, width - used, ' ');
    return text;
}

long parse_number(std::string_view text, std::string_view what, long low, long high) {
    const std::optional<long long> value = to_integer(text);
    if (!value || *value < low || *value > high)
        throw Error(ErrorKind::invalid_input, fmt::format("{} takes a number from {} to {}, not '{}'", what,
                                                          low, high, escape_control(text)));
    return static_cast<long>(*value);
}

std::chrono::seconds parse_duration(std::string_view text, std::string_view what) {
    long factor = 1;
    std::string_view digits = text;
    if (!digits.empty()) {
        constexpr std::string_view letters = "smhd";
        constexpr std::array<long, 4> factors{1, 60, 3600, 86400};
        if (const auto unit = letters.find(digits.back()); unit != std::string_view::npos) {
            factor = factors[unit];
            digits.remove_suffix(1);
        }
    }
    const std::optional<long long> value = to_integer(digits);
    constexpr long most = 366L * 86400;
    if (!value || *value <= 0 || *value > most / factor)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} takes a duration such as 90, 30s, 5m, 2h or 1d, not '{}'", what,
                                escape_control(text)));
    return std::chrono::seconds(*value * factor);
}

} // namespace pyfops::cli
