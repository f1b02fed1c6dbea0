// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

namespace pyfops::aws_emulator {

/// The operation that a request of `service` names, by method, path, query, target header or form; "" when
/// there is none of that name here. Fills the labels of the path.
std::string route(std::string_view service, Call& call);

} // namespace pyfops::aws_emulator
