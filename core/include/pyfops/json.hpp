// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace pyfops {

namespace json = boost::json;

/// What untrusted JSON may cost.
struct JsonLimits {
    std::size_t max_bytes = 16u << 20;
    std::size_t max_depth = 64;
};

/// Parses strict JSON. `what` names the source in the message ("the answer of lambda:GetFunction").
/// Throws Error(invalid_input) with line and column, for too deep or too large input as well.
PYFOPS_EXPORT json::value parse_json(std::string_view text, std::string_view what, JsonLimits limits = {});

/// Canonical text: keys sorted bytewise, no white space. Equal values give equal text.
PYFOPS_EXPORT std::string canonical_json(const json::value& value);

/// Indented by two spaces, keys in their order, no line end at the end.
PYFOPS_EXPORT std::string pretty_json(const json::value& value);

/// The member of an object, or nullptr when `value` is no object or has no such member.
PYFOPS_EXPORT const json::value* find(const json::value& value, std::string_view key) noexcept;
PYFOPS_EXPORT const json::value* find(const json::object& object, std::string_view key) noexcept;
/// The string member, or `otherwise`.
PYFOPS_EXPORT std::string string_or(const json::value& value, std::string_view key,
                                    std::string_view otherwise = {});
PYFOPS_EXPORT std::string string_or(const json::object& object, std::string_view key,
                                    std::string_view otherwise = {});
/// The integer member (a double without fraction counts), or `otherwise`.
PYFOPS_EXPORT long long integer_or(const json::value& value, std::string_view key, long long otherwise = 0);
PYFOPS_EXPORT long long integer_or(const json::object& object, std::string_view key, long long otherwise = 0);

} // namespace pyfops
