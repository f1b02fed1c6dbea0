// SPDX-License-Identifier: Apache-2.0
// The checks, by what they are about.
#pragma once

#include "pyfops/conformance/suite.hpp"

#include <vector>

namespace pyfops::conformance {

using Checks = std::vector<Check>;

Checks deploying();
Checks configuring();
Checks removing();
Checks listing();
Checks lost_answers();
Checks refusals();
Checks states();
Checks ownership();
Checks interruptions();
Checks network();
Checks secrets();
Checks answers();
Checks endings();
Checks instances();

} // namespace pyfops::conformance
