// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <filesystem>

namespace pyfops {

/// The folder that libpyfops was loaded from.
PYFOPS_EXPORT std::filesystem::path library_directory();

} // namespace pyfops
