// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pyfops {

/// A character as UTF-8 writes it; not valid: one byte that belongs to none (overlong forms and surrogates
/// included).
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

/// The character that `text`, which is not empty, begins with.
PYFOPS_EXPORT CodePoint first_code_point(std::string_view text) noexcept;

/// Where the first byte that is not UTF-8 stands; none: all of it is.
PYFOPS_EXPORT std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;

/// Untrusted text for a terminal: control characters (C0 except tab, DEL, C1), what turns the direction of
/// text, and broken UTF-8 become visible escapes ("\\x1b"). Line feeds stay when `keep_lines`.
PYFOPS_EXPORT std::string escape_control(std::string_view text, bool keep_lines = false);

/// The longest beginning of at most `most` bytes that does not end within a character.
PYFOPS_EXPORT std::string_view cut_utf8(std::string_view text, std::size_t most) noexcept;

/// Appends a character; U+FFFD in place of a surrogate.
PYFOPS_EXPORT void append_utf8(std::string& text, char32_t point);

} // namespace pyfops
