// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <filesystem>

namespace pyfops {

/// Throws Error(invalid_input) when others may write there: a local cloud runs what it finds.
PYFOPS_EXPORT void refuse_open_state(const std::filesystem::path& state);

} // namespace pyfops
