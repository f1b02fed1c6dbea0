// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/answers.hpp"
#include "pyfops/json.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

/// Inputs that were not answered alike everywhere: who gave which answer, and where the two most common ones
/// differ. "" when there are none.
std::string render(const std::vector<Disagreement>& disagreements, bool colour);
json::array to_json(const std::vector<Disagreement>& disagreements);

} // namespace pyfops::cli
