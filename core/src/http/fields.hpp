// SPDX-License-Identifier: Apache-2.0
// What may stand in a header, sent or answered: anything else would end a field early and begin another.
#pragma once

#include "pyfops/export.hpp"

#include <string_view>

namespace pyfops {

/// A method or the name of a field (RFC 9110, token).
PYFOPS_EXPORT bool is_token(std::string_view text) noexcept;

/// The value of a field: no control characters but tabs.
PYFOPS_EXPORT bool is_field_value(std::string_view text) noexcept;

} // namespace pyfops
