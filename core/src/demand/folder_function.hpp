// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/demand.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/project.hpp"

#include <filesystem>
#include <optional>

namespace pyfops::demand {

/// The folder that a row's implementation leads to; nullopt when it is no folder inside the project's: a
/// database must not choose what else of this machine is uploaded.
std::optional<std::filesystem::path> folder_of(const DemandRow& row, const Project& project);

/// The function of the project whose code base is `folder` and whose handler the row means, if any.
const FunctionSpec* function_of(const DemandRow& row, const std::filesystem::path& folder,
                                const Project& project);

/// A function of its own, made of the row and checked as one of the project file; usable when `diagnostics`
/// has no error.
FunctionSpec make_function(const DemandRow& row, const std::filesystem::path& folder, const Project& project,
                           Diagnostics& diagnostics);

} // namespace pyfops::demand
