// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/lock_file.hpp"
#include "packaging/resolver.hpp"

#include <functional>

namespace pyfops::packaging {

/// Resolves and fetches build requirements for the machine's own Python: wheels only.
using BuildEnvironment = std::function<Task<std::vector<std::filesystem::path>>(
    std::vector<std::string> requirements, PythonPlatform platform)>;

/// Makes a wheel of a source distribution: in the sandbox, without network, its build requirements fetched
/// first. Kept below the cache by the hash of the source. Throws invalid_input when it does not build, or not
/// to a wheel that runs everywhere.
class SdistBuilder {
  public:
    SdistBuilder(CachePaths cache, PythonTools& tools) : cache_(std::move(cache)), tools_(tools) {}

    /// `file` and `sha256` are known from a lock, else empty. `requirements` may name indexes.
    Task<LockedPackage> build(Pin pin, std::string file, std::string sha256,
                              std::filesystem::path requirements, BuildEnvironment environment,
                              StageContext& context);

  private:
    Task<void> run(LockedPackage& package, const json::value& source, BuildEnvironment environment,
                   StageContext& context);
    CachePaths cache_;
    PythonTools& tools_;
};

} // namespace pyfops::packaging
