// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pyfops::packaging {

/// Patterns in the syntax of .gitignore; the last one that matches decides.
class IgnoreRules {
  public:
    /// Adds the pattern of one line; comments and blank lines add nothing.
    void add(std::string_view line);
    /// Adds every line of a file.
    void add_text(std::string_view text);
    /// `path` is relative to where the rules live. What lies below an ignored directory is ignored too: the
    /// caller does not descend.
    bool ignored(std::string_view path, bool directory) const;

  private:
    struct Rule {
        std::string pattern;
        bool negated = false;
        bool directories_only = false;
        bool anchored = false; ///< matches the whole path, else any trailing name
    };
    std::vector<Rule> rules_;
};

/// Does the glob match all of `text`? `*`, `?` and `[...]` stop at '/', `**` between slashes does not.
bool glob_match(std::string_view pattern, std::string_view text);

} // namespace pyfops::packaging
