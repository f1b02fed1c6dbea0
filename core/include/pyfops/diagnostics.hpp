// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

enum class Severity { note, warning, error };

/// A place in a text file. Line and column count from 1; columns count Unicode code points. Line 0 means
/// "the file as a whole"; an empty file means "no place".
struct SourcePosition {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::size_t length = 1;  ///< code points to underline
    std::string source_line; ///< the text of that line, without its end
};

/// One finding about what the user wrote. `code` is stable ("unknown-key") and documented: docs/config.md has
/// those of a project file, other pages those of what else is read.
struct Finding {
    Severity severity = Severity::error;
    std::string code;
    std::string summary; ///< one line, no full stop
    std::string hint;    ///< what to do, as Error::hint ("did you mean 'aws'?"); may be empty
    std::string path;    ///< JSON pointer into the project file ("/functions/0/memory"); gives the position
    SourcePosition position;
};

/// Collects findings; validation fills it and never throws for bad input. Not thread-safe.
class PYFOPS_EXPORT Diagnostics {
  public:
    void add(Finding finding);
    void error(std::string code, std::string summary, std::string hint = {}, SourcePosition position = {});
    void warning(std::string code, std::string summary, std::string hint = {}, SourcePosition position = {});

    bool has_errors() const noexcept { return errors_ > 0; }
    std::size_t error_count() const noexcept { return errors_; }
    const std::vector<Finding>& findings() const noexcept { return findings_; }

  private:
    std::vector<Finding> findings_;
    std::size_t errors_ = 0;
};

/// "file:12:5: error: summary", the source line, a caret and the hint; several lines, ends with '\n'.
PYFOPS_EXPORT std::string render(const Finding& finding, bool colour = false);

/// The candidate nearest to `name` (Damerau-Levenshtein, at most a third of its length), or "".
PYFOPS_EXPORT std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

} // namespace pyfops
