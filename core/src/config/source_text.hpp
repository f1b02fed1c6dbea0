// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/diagnostics.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::config {

/// Bytes of a file: first and length.
struct Span {
    std::size_t offset = 0;
    std::size_t length = 1;
};

/// The text of a file and where its lines are.
class SourceText {
  public:
    SourceText(std::string text, std::string label);

    const std::string& text() const noexcept { return text_; }
    const std::string& label() const noexcept { return label_; }
    /// Where `span` begins; the underlined part ends with its line. Lines that no terminal shows are left
    /// out.
    SourcePosition position(Span span) const;
    /// The bytes of the line that holds `offset`, without its end.
    std::string_view line_at(std::size_t offset) const;
    /// Shown as asterisks from now on: this place, and this text wherever it stands.
    void hide(Span span);
    void hide(std::string text);
    /// The line that `position` leads to, covered.
    std::string shown_line(std::size_t line) const;

  private:
    std::size_t line_number(std::size_t offset) const;

    std::string text_;
    std::string label_;
    std::vector<std::size_t> lines_; ///< offset of each line
    std::vector<std::string> hidden_;
    std::vector<Span> hidden_places_;
};

/// The first character that YAML does not allow to stand unescaped.
std::optional<std::size_t> first_unprintable(std::string_view text);
/// Unicode code points in valid UTF-8.
std::size_t code_points(std::string_view text);

} // namespace pyfops::config
