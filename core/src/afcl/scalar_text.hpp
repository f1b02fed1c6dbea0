// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pyfops::afcl {

/// Behind the closing quote of the text that begins with one at `begin`.
std::size_t end_of_quoted(std::string_view text, std::size_t begin);

/// A value as YAML, in the quotes of its neighbours ('"', '\'', or 0 for none) where these will do. Inside
/// brackets a plain value ends at more characters.
std::string yaml_scalar(std::string_view value, char quote, bool in_brackets);

} // namespace pyfops::afcl
