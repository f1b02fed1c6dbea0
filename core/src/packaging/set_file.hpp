// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

#include <filesystem>
#include <memory>

namespace pyfops::packaging {

/// A dependency set in one file: a checksum, an index, the deflated entries one after the other.
std::string encode_set(const DependencySet& set);

/// Null when the file is not there, or damaged: it is then made anew. Blocking.
std::shared_ptr<const DependencySet> read_set(const std::filesystem::path& file);

} // namespace pyfops::packaging
