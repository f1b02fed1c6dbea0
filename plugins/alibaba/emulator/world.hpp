// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/world.hpp"

#include <cstdint>
#include <string>

namespace pyfops::alibaba_emulator {

/// No real account has this number.
inline constexpr std::string_view account = "0000000000000000";

/// The project and Logstore that are there in every region.
inline constexpr std::string_view log_project = "pyfops-local";
inline constexpr std::string_view log_store = "default-logs";

using World = EmulatorWorld;

} // namespace pyfops::alibaba_emulator
