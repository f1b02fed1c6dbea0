// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/target.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// `--only provider=aws,region=eu-*,function=thumb*`, repeatable: the keys of one expression must all match,
/// and one expression must. Patterns are shell globs (* ? [...]).
class PYFOPS_EXPORT Selection {
  public:
    /// Everything.
    Selection() = default;
    /// Throws Error(invalid_input) with a suggestion for an unknown key.
    void add(std::string_view expression);
    bool matches(const FdIdentity& identity) const;
    /// Whether anything in that region may match.
    bool reaches(const std::string& provider, const std::string& region) const;
    bool everything() const noexcept { return expressions_.empty(); }

  private:
    struct Term {
        std::string key;
        std::string pattern;
    };
    template <class Fits>
    bool any(Fits fits) const;
    std::vector<std::vector<Term>> expressions_;
};

} // namespace pyfops
