// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pyfops::packaging {

/// Throws Error(invalid_input) unless `path` may name a file of a package: relative, '/'-separated, no empty,
/// "." or ".." part, valid UTF-8, no control characters, at most 1,024 bytes.
void check_path(std::string_view path);

} // namespace pyfops::packaging
