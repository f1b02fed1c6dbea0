// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <filesystem>
#include <system_error>

namespace pyfops {

/// Creates the folder and what is missing above it; nobody else may write to what was made, whatever the
/// umask.
PYFOPS_EXPORT void create_own_directories(const std::filesystem::path& folder, std::error_code& failure);

} // namespace pyfops
