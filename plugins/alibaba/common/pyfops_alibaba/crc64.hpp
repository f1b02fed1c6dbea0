// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pyfops::alibaba {

/// CRC-64/XZ (ECMA-182, reflected): what Function Compute calls a checksum.
std::uint64_t crc64(std::string_view data) noexcept;

/// As the API writes it: decimal.
std::string checksum(std::string_view data);

} // namespace pyfops::alibaba
