// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/target.hpp"
#include <cstddef>

#include <string>
#include <string_view>

namespace pyfops::store {

/// Well-formed UTF-8: every byte that is not becomes U+FFFD. A server in strict mode refuses anything else.
std::string valid_utf8(std::string_view text);

/// Code points; `text` must be well-formed.
std::size_t length(std::string_view text);

/// The AFCL tables are MariaDB's old three-byte utf8: characters beyond U+FFFF do not fit.
bool fits_afcl(std::string_view text, std::size_t max_length = 255);

/// Made to fit: characters beyond U+FFFF become U+FFFD, and the end is cut.
std::string fit_afcl(std::string_view text, std::size_t max_length = 255);

/// JSON text in which every character beyond U+FFFF is written as a \u pair; equal as JSON.
std::string escape_astral(std::string_view json_text);

/// As `to_string(Realm)` wrote it; anything else is the real one.
Realm realm_of(std::string_view text);

} // namespace pyfops::store
