// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <filesystem>
#include <system_error>

namespace pyfops {

/// Throws Error(invalid_input) when others may write there: a local cloud runs what it finds.
PYFOPS_EXPORT void refuse_open_state(const std::filesystem::path& state);

/// Creates it and what is missing above it; nobody else may write to what was made, whatever the umask.
PYFOPS_EXPORT void create_state(const std::filesystem::path& state, std::error_code& failure);

} // namespace pyfops
