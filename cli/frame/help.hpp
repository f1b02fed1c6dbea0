// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/command.hpp"
#include "pyfops/json.hpp"

#include <string>

namespace pyfops::cli {

/// What `pyfops` is and which commands there are. `width` 0: 80.
std::string overview(std::size_t width);
/// The lines that `pyfops` alone shows.
std::string short_help();
/// One command: usage, description, options, examples.
std::string command_help(const CommandInfo& command, std::size_t width);
/// pyfops.help/1: every command with its options.
json::object help_json();

} // namespace pyfops::cli
