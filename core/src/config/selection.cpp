// SPDX-License-Identifier: Apache-2.0
#include "pyfops/selection.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace pyfops {
namespace {

const std::vector<std::string>& known_keys() {
    static const std::vector<std::string> keys{"provider", "region", "function", "slot"};
    return keys;
}

/// At commas that are not inside [...].
std::vector<std::string_view> split(std::string_view expression) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t i = 0; i < expression.size(); ++i) {
        if (expression[i] == '[') inside = expression.find(']', i) != std::string_view::npos;
        if (expression[i] == ']') inside = false;
        if (expression[i] != ',' || inside) continue;
        parts.push_back(expression.substr(begin, i - begin));
        begin = i + 1;
    }
    parts.push_back(expression.substr(begin));
    return parts;
}

bool glob(const std::string& pattern, const std::string& value) {
    return fnmatch(pattern.c_str(), value.c_str(), FNM_NOESCAPE) == 0;
}

} // namespace

void Selection::add(std::string_view expression) {
    std::vector<Term> terms;
    for (const std::string_view part : split(expression)) {
        const std::size_t equals = part.find('=');
        const std::string key(trimmed(part.substr(0, equals)));
        const std::string pattern(equals == std::string_view::npos ? std::string_view()
                                                                   : trimmed(part.substr(equals + 1)));
        if (equals == std::string_view::npos || pattern.empty())
            throw Error(ErrorKind::invalid_input, fmt::format("'{}' is no selection", part))
                .hint("write key=pattern, like provider=aws,region=eu-*");
        const auto& known = known_keys();
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            const std::string best = nearest(key, known);
            throw Error(ErrorKind::invalid_input, fmt::format("unknown key '{}' in the selection", key))
                .hint(best.empty() ? "known: provider, region, function, slot"
                                   : "did you mean '" + best + "'?");
        }
        terms.push_back({key, pattern});
    }
    expressions_.push_back(std::move(terms));
}

template <class Fits>
bool Selection::any(Fits fits) const {
    return expressions_.empty() ||
           std::any_of(expressions_.begin(), expressions_.end(),
                       [&](const auto& terms) { return std::all_of(terms.begin(), terms.end(), fits); });
}

bool Selection::matches(const FdIdentity& identity) const {
    return any([&](const Term& term) {
        const std::string& value = term.key == "provider"   ? identity.provider
                                   : term.key == "region"   ? identity.region
                                   : term.key == "function" ? identity.function
                                                            : identity.slot;
        return glob(term.pattern, value);
    });
}

bool Selection::reaches(const std::string& provider, const std::string& region) const {
    return any([&](const Term& term) {
        if (term.key == "provider") return glob(term.pattern, provider);
        return term.key != "region" || glob(term.pattern, region);
    });
}

} // namespace pyfops
