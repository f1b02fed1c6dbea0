// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "expect/problem.hpp"
#include "pyfops/json.hpp"

#include <string>
#include <vector>

namespace pyfops::expect {

/// The texts of an expected answer that are no regular expressions.
std::vector<Problem> regex_problems(const json::value& expected);

/// "" when every text of `expected` matches the whole text in its place and the rest is there and equal, else
/// the first difference.
std::string compare_regex(const json::value& expected, const json::value& answer);

} // namespace pyfops::expect
