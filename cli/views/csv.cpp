// SPDX-License-Identifier: Apache-2.0
#include "views/csv.hpp"

#include "frame/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pyfops::cli {

namespace {

/// What a spreadsheet begins a formula with, or skips in front of one.
constexpr std::string_view formula_starts = "=+-@\t\r\n";

std::string in_double_quotes(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

std::string field(const json::value& value, bool terminal) {
    if (value.is_null()) return "";
    if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
    if (const auto* number = value.if_double()) return fmt::format("{}", *number);
    const auto* string = value.if_string();
    if (!string) return compact_json(value);
    std::string text(*string);
    if (!text.empty() && formula_starts.find(text.front()) != std::string_view::npos) text.insert(0, 1, '\'');
    if (terminal) text = escape_control(text);
    return in_double_quotes(text);
}

} // namespace

std::string csv(std::span<const std::string_view> columns, const json::array& rows, const StreamTraits& out) {
    std::string text = fmt::format("{}\r\n", fmt::join(columns, ","));
    for (const json::value& row : rows) {
        std::string line;
        for (const std::string_view column : columns) {
            if (column != columns.front()) line += ',';
            if (const json::value* value = row.as_object().if_contains(column))
                line += field(*value, out.terminal);
        }
        text += line + "\r\n";
    }
    return text;
}

} // namespace pyfops::cli
