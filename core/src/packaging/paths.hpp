// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pyfops::packaging {

/// Throws Error(invalid_input) unless `path` may name a file of a package: relative, '/'-separated, no empty,
/// "." or ".." part, valid UTF-8, no control characters, at most 1,024 bytes.
void check_path(std::string_view path);

/// `text` fit for a message: at most 200 bytes, what is not printable ASCII or UTF-8 as \xNN.
std::string printable(std::string_view text);

} // namespace pyfops::packaging
