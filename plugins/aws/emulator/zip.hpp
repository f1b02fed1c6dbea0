// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pyfops::aws_emulator {

/// What the entries of a zip archive say they unpack to, together; nullopt when `archive` is no zip archive.
/// Reads the central directory only.
std::optional<std::uint64_t> unzipped_size(std::string_view archive);

} // namespace pyfops::aws_emulator
