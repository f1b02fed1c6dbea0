// SPDX-License-Identifier: Apache-2.0
#include "pyfops/diagnostics.hpp"

#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace pyfops {

void Diagnostics::add(Finding finding) {
    if (finding.severity == Severity::error) ++errors_;
    findings_.push_back(std::move(finding));
}

void Diagnostics::error(std::string code, std::string summary, std::string hint, SourcePosition position) {
    add({Severity::error, std::move(code), std::move(summary), std::move(hint), {}, std::move(position)});
}

void Diagnostics::warning(std::string code, std::string summary, std::string hint, SourcePosition position) {
    add({Severity::warning, std::move(code), std::move(summary), std::move(hint), {}, std::move(position)});
}

namespace {

std::string_view name_of(Severity severity) {
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::error:
        return "error";
    }
    return "error";
}

std::string_view colour_of(Severity severity) {
    switch (severity) {
    case Severity::note:
        return "\x1b[36m";
    case Severity::warning:
        return "\x1b[33m";
    case Severity::error:
        return "\x1b[31m";
    }
    return "";
}

/// What a hostile file holds must not act on the terminal.
std::string shown(std::string_view text) {
    std::string result = escape_control(text);
    std::replace(result.begin(), result.end(), '\t', ' ');
    return result;
}

/// How many places the first `columns` characters take when they are shown; one each behind the end.
std::size_t places(std::string_view line, std::size_t columns) {
    std::size_t bytes = 0;
    for (; columns > 0 && bytes < line.size(); --columns)
        bytes += first_code_point(line.substr(bytes)).bytes;
    const std::string text = shown(line.substr(0, bytes));
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80; };
    return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues)) +
           columns;
}

} // namespace

std::string render(const Finding& finding, bool colour) {
    std::string result;
    const SourcePosition& at = finding.position;
    if (!at.file.empty()) {
        result += shown(at.file) + ":";
        if (at.line > 0) result += fmt::format("{}:{}:", at.line, at.column);
        result += " ";
    }
    if (colour) result += colour_of(finding.severity);
    result += name_of(finding.severity);
    if (colour) result += "\x1b[0m";
    result += ": " + shown(finding.summary) + "\n";
    const bool has_line = at.line > 0 && !at.source_line.empty();
    if (has_line) {
        const std::string gutter = fmt::format("{:>5} | ", at.line);
        result += gutter + shown(at.source_line) + "\n";
        const std::size_t before = at.column > 0 ? static_cast<std::size_t>(at.column) - 1 : 0;
        const std::size_t length = at.length > 1 ? static_cast<std::size_t>(at.length) : 1;
        const std::size_t start = places(at.source_line, before);
        result += fmt::format("{:>5} | {}", "", std::string(start, ' '));
        if (colour) result += colour_of(finding.severity);
        result += "^" + std::string(places(at.source_line, before + length) - start - 1, '~');
        if (colour) result += "\x1b[0m";
        if (!finding.hint.empty()) result += " " + shown(finding.hint);
        result += "\n";
    } else if (!finding.hint.empty()) {
        result += "        " + shown(finding.hint) + "\n";
    }
    return result;
}

namespace {

/// Optimal string alignment distance, without case.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        previous[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = previous[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                current[j] = std::min(current[j], before[j - 2] + 1);
        }
        before = previous;
        previous = current;
    }
    return previous[b.size()];
}

} // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t d = distance(name, candidate);
        if (d < best_distance) {
            best_distance = d;
            best = candidate;
        }
    }
    return best;
}

} // namespace pyfops
