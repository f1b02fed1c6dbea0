// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pyfops {

/// A JSON pointer made longer by one step.
std::string pointer_to(std::string_view parent, std::string_view key);

} // namespace pyfops
