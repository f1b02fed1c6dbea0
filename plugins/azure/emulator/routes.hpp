// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

namespace pyfops::azure_emulator {

/// The operation that a request names, by service, method and path; "" when there is none of that name here.
/// Fills the labels of the path.
std::string route(Call& call);

} // namespace pyfops::azure_emulator
