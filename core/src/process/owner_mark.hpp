// SPDX-License-Identifier: Apache-2.0
// Who made what lies outside a process (control groups, folders): after a kill -9 a later start must tell
// what is left over from what a living process still uses.
#pragma once

#include "pyfops/export.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pyfops::process {

/// "<pid namespace>.<pid>.<start time>." of this process, for the beginning of a name.
PYFOPS_EXPORT std::string owner_mark();

/// Whether a name that begins with a mark belongs to a process that has ended. False for what is no mark, and
/// for marks of other pid namespaces: their numbers mean nothing here.
PYFOPS_EXPORT bool owner_is_gone(std::string_view marked);

/// Removes the folders in `parent` that are called `prefix`, mark and anything, and whose owner is gone.
/// Links are not followed; what belongs to other users is left alone (`also`: the user of sandboxed
/// programs).
PYFOPS_EXPORT void remove_left_folders(const std::filesystem::path& parent, std::string_view prefix,
                                       unsigned also);

} // namespace pyfops::process
