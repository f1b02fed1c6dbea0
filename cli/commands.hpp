// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/command.hpp"

#include <span>
#include <string_view>

namespace pyfops::cli {

/// The whole command line, in the order of the overview.
std::span<const CommandInfo> commands();

/// nullptr when there is none of that name.
const CommandInfo* find_command(std::string_view name);

} // namespace pyfops::cli
