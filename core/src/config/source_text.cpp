// SPDX-License-Identifier: Apache-2.0
#include "config/source_text.hpp"

#include "pyfops/utf8.hpp"

#include <algorithm>
#include <utility>

namespace pyfops::config {
namespace {

constexpr std::size_t longest_shown_line = 400; // bytes; a minified JSON file helps nobody

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace

std::optional<std::size_t> first_unprintable(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, length, valid] = first_code_point(text.substr(at));
        const bool control = (point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
                             (point >= 0x7f && point < 0xa0 && point != 0x85);
        if (!valid || control || point == 0xfeff || point == 0xfffe || point == 0xffff) return at;
        at += length;
    }
    return std::nullopt;
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

SourceText::SourceText(std::string text, std::string label)
    : text_(std::move(text)),
      label_(std::move(label)),
      lines_{0} {
    for (std::size_t i = 0; i < text_.size(); ++i)
        if (text_[i] == '\n') lines_.push_back(i + 1);
}

std::size_t SourceText::line_number(std::size_t offset) const {
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), offset);
    return static_cast<std::size_t>(after - lines_.begin());
}

std::string_view SourceText::line_at(std::size_t offset) const {
    const std::size_t begin = lines_[line_number(std::min(offset, text_.size())) - 1];
    std::string_view line = std::string_view(text_).substr(begin);
    line = line.substr(0, line.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

SourcePosition SourceText::position(Span span) const {
    SourcePosition result;
    result.file = label_;
    std::size_t offset = std::min(span.offset, text_.size());
    // What is missing at the end is shown on the last line that has text.
    while (offset == text_.size() && offset > 0 && (text_[offset - 1] == '\n' || text_[offset - 1] == '\r'))
        --offset;
    result.line = line_number(offset);
    const std::size_t begin = lines_[result.line - 1];
    const std::string_view line = line_at(offset);
    const std::size_t in_line = std::min(offset - begin, line.size());
    result.column = code_points(line.substr(0, in_line)) + 1;
    result.length = std::max<std::size_t>(1, code_points(line.substr(in_line, span.length)));
    result.source_line = shown_line(result.line);
    return result;
}

void SourceText::hide(Span span) {
    hidden_places_.push_back(span);
}

void SourceText::hide(std::string text) {
    // Shorter ones would cover ordinary words.
    constexpr std::size_t shortest = 4;
    if (text.size() >= shortest) hidden_.push_back(std::move(text));
}

std::string SourceText::shown_line(std::size_t line) const {
    const std::size_t begin = lines_[line - 1];
    const std::string_view original = line_at(begin);
    if (original.size() > longest_shown_line || first_invalid_utf8(original)) return {};
    std::string result(original);
    // First in bytes, so that places stay where they are; one asterisk for each character.
    const auto cover = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < std::min(to, result.size()); ++i)
            result[i] = is_continuation(original[i]) ? '\0' : '*';
    };
    for (const Span& span : hidden_places_)
        if (span.offset + span.length > begin && span.offset < begin + original.size())
            cover(span.offset > begin ? span.offset - begin : 0, span.offset + span.length - begin);
    for (const std::string& text : hidden_)
        for (auto at = original.find(text); at != std::string_view::npos; at = original.find(text, at + 1))
            cover(at, at + text.size());
    std::erase(result, '\0');
    return result;
}

} // namespace pyfops::config
