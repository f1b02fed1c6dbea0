// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

namespace pyfops::expect {

/// A compiled regular expression: Perl's syntax over Unicode characters; '.' is any but the line feed, '^'
/// and
/// '$' are the ends of the text. What matching may cost is limited, whatever expression and text are.
class Pattern {
  public:
    /// Throws Error(invalid_input) that says what is wrong and where.
    explicit Pattern(std::string_view expression);

    /// Whether it matches all of the text, or a part of it. Throw Error(limit_exceeded) for a text that is
    /// too long or takes too many steps.
    bool matches(std::string_view text) const;
    bool found_in(std::string_view text) const;

  private:
    struct Compiled;
    template <class Match>
    bool limited(std::string_view text, const Match& match) const;
    std::shared_ptr<const Compiled> compiled_;
};

} // namespace pyfops::expect
