// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

#include <map>
#include <string>

namespace pyfops::packaging {

/// Files by path, borrowed.
using ZipEntries = std::map<std::string, const PackedFile*>;

/// A zip of entries that are deflated already: sorted bytewise, dated 1980-01-01, modes 0644 and 0755 "made
/// by Unix", names in UTF-8, no extra fields and no directories, so that equal entries give equal bytes.
/// Throws Error(limit_exceeded) for what would need Zip64 (65,535 files, 4 GiB): no cloud takes that.
std::string write_zip(const ZipEntries& entries);

} // namespace pyfops::packaging
