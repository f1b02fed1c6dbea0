// SPDX-License-Identifier: Apache-2.0
#include "afcl/scalar_text.hpp"

#include <algorithm>

namespace pyfops::afcl {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether every reader takes it for text without quotes; rather no than yes.
bool good_plain(std::string_view value, bool in_brackets) {
    if (value.empty() || !is_letter(value.front()) || value.back() == ':') return false;
    if (value.find_first_of("0123456789_/.:") == std::string_view::npos) return false; // "true", "null"
    return std::all_of(value.begin(), value.end(), [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("_/.-").find(c) != std::string_view::npos || (c == ':' && !in_brackets);
    });
}

} // namespace

std::size_t end_of_quoted(std::string_view text, std::size_t begin) {
    const char quote = text[begin];
    for (std::size_t at = begin + 1; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return at + 1;
            ++at; // two single quotes are one inside
        }
    }
    return text.size();
}

std::string yaml_scalar(std::string_view value, char quote, bool in_brackets) {
    if (quote == 0 && good_plain(value, in_brackets)) return std::string(value);
    const bool single = quote == '\'';
    std::string out(1, single ? '\'' : '"');
    for (const char c : value) {
        if (single ? c == '\'' : c == '"' || c == '\\') out += single ? '\'' : '\\';
        out += c;
    }
    return out + out.front();
}

} // namespace pyfops::afcl
