// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

/// "there is no command 'depoly'", with the nearest one.
Error unknown_command(const std::string& name);

/// The program: finds the command, runs it, tells what went wrong, returns the exit code. `words` without
/// the program's name.
int run_program(const std::vector<std::string>& words);

} // namespace pyfops::cli
