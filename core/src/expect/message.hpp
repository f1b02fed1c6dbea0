// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <cstddef>
#include <string>

namespace pyfops::expect {

/// Untrusted text for one line of a terminal: without secrets and control characters, cut after `most` bytes.
std::string one_line(std::string text, std::size_t most = 80);
/// A value of an answer, as `one_line`.
std::string shown(const json::value& value);
/// "at /items/3: ..." with the JSON pointer; the difference alone for the whole answer.
std::string at(const std::string& pointer, const std::string& difference);

} // namespace pyfops::expect
