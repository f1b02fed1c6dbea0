// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pyfops::alibaba_emulator {

/// Whether it ends as a zip archive does: an end record whose central directory lies within it.
bool is_zip(std::string_view archive) noexcept;

} // namespace pyfops::alibaba_emulator
