// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/world.hpp"

#include <cstdint>
#include <string>

namespace pyfops::aws_emulator {

/// No real account has this number.
inline constexpr std::string_view account = "000000000000";

using World = EmulatorWorld;

/// "2025-11-25T02:26:54.000+0000", as Lambda writes times.
std::string lambda_time(SystemTime time);
/// "2025-11-25T02:26:54.000Z", as S3 writes them.
std::string xml_time(SystemTime time);

} // namespace pyfops::aws_emulator
