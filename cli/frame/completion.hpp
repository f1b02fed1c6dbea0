// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pyfops::cli {

/// Completion scripts, made from the command table. Names of functions and templates are asked of the
/// program itself ("pyfops completion functions").
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

} // namespace pyfops::cli
