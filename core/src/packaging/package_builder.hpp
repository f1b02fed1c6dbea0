// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

#include <filesystem>
#include <memory>

namespace pyfops {

/// The machine's package builder; keeps what it makes below `cache_directory`.
PYFOPS_EXPORT std::unique_ptr<PackageBuilder> make_package_builder(std::filesystem::path cache_directory);

} // namespace pyfops
