// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/function.hpp"

#include <string>
#include <string_view>

namespace pyfops::expect {

/// "" or "/a/b~1c": the form of a JSON pointer.
bool is_pointer(std::string_view text);

/// "" when the text at the place is base64 of the expected file, else what is wrong.
std::string compare_file(const Expectation& expected, const json::value& answer);

} // namespace pyfops::expect
