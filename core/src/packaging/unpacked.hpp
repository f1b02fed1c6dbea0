// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/cache.hpp"
#include "pyfops/package.hpp"

namespace pyfops::packaging {

/// The folder below the cache that holds the unpacked files of a set; made when it is not there. Blocking,
/// safe among processes.
std::filesystem::path unpack_set(const CachePaths& cache, const DependencySet& set);

} // namespace pyfops::packaging
