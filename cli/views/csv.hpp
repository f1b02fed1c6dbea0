// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"
#include "pyfops/json.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pyfops::cli {

/// RFC 4180 with a header line: the members `columns` of each row, an object of plain values; null and what
/// is missing is empty. Text that a spreadsheet would take for a formula begins with an apostrophe.
std::string csv(std::span<const std::string_view> columns, const json::array& rows, const StreamTraits& out);

} // namespace pyfops::cli
