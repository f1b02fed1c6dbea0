// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace pyfops::alibaba_emulator {

/// Codes of the regions that have Function Compute 3.0.
const std::vector<std::string_view>& region_codes();
bool is_region(std::string_view code);

} // namespace pyfops::alibaba_emulator
