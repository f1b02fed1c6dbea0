// SPDX-License-Identifier: Apache-2.0
#include "packaging/ignore.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <optional>

namespace pyfops::packaging {
namespace {

constexpr std::size_t max_pattern = 512; // the matcher is recursive

/// Matches `c` against the class that starts at pattern[at] == '['. nullopt: no class, the bracket is not
/// closed. Moves `at` behind the class.
std::optional<bool> match_class(std::string_view pattern, std::size_t& at, unsigned char c) {
    static constexpr struct {
        std::string_view name;
        bool (*contains)(unsigned char);
    } named[] = {
        {"alpha", [](unsigned char x) { return (x | 32u) >= 'a' && (x | 32u) <= 'z'; }},
        {"digit", [](unsigned char x) { return x >= '0' && x <= '9'; }},
        {"alnum",
         [](unsigned char x) { return (x >= '0' && x <= '9') || ((x | 32u) >= 'a' && (x | 32u) <= 'z'); }},
        {"lower", [](unsigned char x) { return x >= 'a' && x <= 'z'; }},
        {"upper", [](unsigned char x) { return x >= 'A' && x <= 'Z'; }},
        {"space", [](unsigned char x) { return x == ' ' || (x >= 9 && x <= 13); }},
    };
    std::size_t i = at + 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated) ++i;
    bool found = false;
    for (bool first = true; i < pattern.size(); first = false) {
        if (pattern[i] == ']' && !first) {
            at = i + 1;
            return found != negated && c != '/';
        }
        if (pattern.substr(i, 2) == "[:") {
            const std::size_t end = pattern.find(":]", i + 2);
            if (end != std::string_view::npos) {
                for (const auto& candidate : named)
                    if (candidate.name == pattern.substr(i + 2, end - i - 2) && candidate.contains(c))
                        found = true;
                i = end + 2;
                continue;
            }
        }
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        const auto low = static_cast<unsigned char>(pattern[i++]);
        auto high = low;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
            high = static_cast<unsigned char>(pattern[i++]);
        }
        if (c >= low && c <= high) found = true;
    }
    return std::nullopt;
}

} // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0;
    while (p < pattern.size()) {
        const char c = pattern[p];
        if (c == '*') {
            const std::size_t stars_end = std::min(pattern.find_first_not_of('*', p), pattern.size());
            const bool opens = p == 0 || pattern[p - 1] == '/';
            const bool closes = stars_end == pattern.size() || pattern[stars_end] == '/';
            const bool deep = stars_end - p == 2 && opens && closes;
            if (deep && stars_end < pattern.size()) {
                // "**/": nothing, or any number of directories.
                const std::string_view rest = pattern.substr(stars_end + 1);
                for (std::size_t from = t;;) {
                    if (glob_match(rest, text.substr(from))) return true;
                    const std::size_t slash = text.find('/', from);
                    if (slash == std::string_view::npos) return false;
                    from = slash + 1;
                }
            }
            if (deep) return t < text.size(); // "/**": everything below
            const std::string_view rest = pattern.substr(stars_end);
            for (;; ++t) {
                if (glob_match(rest, text.substr(t))) return true;
                if (t == text.size() || text[t] == '/') return false;
            }
        }
        if (t == text.size()) return false;
        if (c == '?') {
            if (text[t] == '/') return false;
            ++p, ++t;
            continue;
        }
        if (c == '[') {
            const auto matched = match_class(pattern, p, static_cast<unsigned char>(text[t]));
            if (!matched.value_or(false)) return false;
            ++t;
            continue;
        }
        if (c == '\\' && p + 1 < pattern.size()) ++p;
        if (pattern[p] != text[t]) return false;
        ++p, ++t;
    }
    return t == text.size();
}

void IgnoreRules::add(std::string_view line) {
    while (line.ends_with('\r') || line.ends_with('\n'))
        line.remove_suffix(1);
    // Trailing spaces count only when escaped.
    while (line.ends_with(' ') && !line.ends_with("\\ "))
        line.remove_suffix(1);
    if (line.empty() || line.front() == '#') return;
    Rule rule;
    if (line.front() == '!') {
        rule.negated = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        rule.directories_only = true;
        line.remove_suffix(1);
    }
    if (line.find('/') != std::string_view::npos) rule.anchored = true;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) return;
    if (line.size() > max_pattern)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("an ignore pattern is longer than {} bytes", max_pattern));
    rule.pattern = line;
    rules_.push_back(std::move(rule));
}

void IgnoreRules::add_text(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        add(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

bool IgnoreRules::ignored(std::string_view path, bool directory) const {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
        if (rule->directories_only && !directory) continue;
        if (glob_match(rule->pattern, rule->anchored ? path : name)) return !rule->negated;
    }
    return false;
}

} // namespace pyfops::packaging
