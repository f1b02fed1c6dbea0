// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

namespace pyfops::alibaba_emulator {

/// The operation of a call, with the labels of its path; "" when there is none.
std::string route(Call& call);

} // namespace pyfops::alibaba_emulator
