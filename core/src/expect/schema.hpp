// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "expect/problem.hpp"
#include "pyfops/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pyfops::expect {

/// What keeps a value from being a JSON Schema of draft 7 that stands alone, and as warnings what of it has
/// no effect. References lead to places within the schema ("#", "#/definitions/x"); `format` is not checked.
std::vector<Problem> schema_problems(const json::value& schema);

/// "" when the answer satisfies the schema, else where and what it does not. The schema has no errors by
/// `schema_problems`; with one that has, the answer may fail for it, and nothing worse.
std::string compare_schema(const json::value& schema, const json::value& answer);

/// What "#/definitions/x" leads to; nullptr when that is nothing, or a reference to another document.
const json::value* referred(const json::value& root, std::string_view reference);

/// A whole number by JSON Schema: 1.0 is one.
bool is_whole(const json::value& value);

} // namespace pyfops::expect
