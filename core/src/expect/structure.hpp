// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"
#include "pyfops/tolerance.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace pyfops::expect {

/// Equal JSON: the order of keys and 1 against 1.0 do not count.
bool equal(const json::value& one, const json::value& other);

/// Each is "" when the answer fits, else the first difference with its place.
std::string compare_exact(const json::value& expected, const json::value& answer);
/// Members of objects that were not expected do not count.
std::string compare_subset(const json::value& expected, const json::value& answer);
std::string compare_approximate(const json::value& expected, const json::value& answer,
                                const Tolerance& tolerance);

/// Whether a text fits what is expected in its place: "" or how it does not.
using TextRule = std::function<std::string(std::string_view expected, std::string_view text)>;
/// As `compare_subset`, with a rule for texts.
std::string compare_texts(const json::value& expected, const json::value& answer, const TextRule& rule);

} // namespace pyfops::expect
