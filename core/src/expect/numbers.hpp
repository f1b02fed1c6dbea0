// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <limits>

namespace pyfops::expect {

/// A JSON number without loss: whole ones of 64 bits and doubles are compared exactly.
inline long double exact_number(const json::value& number) {
    static_assert(std::numeric_limits<long double>::digits >= 64);
    if (number.is_int64()) return static_cast<long double>(number.get_int64());
    if (number.is_uint64()) return static_cast<long double>(number.get_uint64());
    return static_cast<long double>(number.as_double());
}

} // namespace pyfops::expect
