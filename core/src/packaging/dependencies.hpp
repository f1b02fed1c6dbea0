// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/requirements.hpp"
#include "packaging/sdist.hpp"
#include "pyfops/error.hpp"

#include <memory>

namespace pyfops::packaging {

/// compatible_tags, for index.py.
json::array tags_of(const PythonPlatform& platform);

/// From a requirements file to the files that go into the package: lock or resolver, wheels, one packed set.
class DependencyInstaller {
  public:
    explicit DependencyInstaller(CachePaths cache)
        : cache_(std::move(cache)),
          tools_(cache_),
          sdists_(cache_, tools_) {}

    Task<std::shared_ptr<const DependencySet>> install(DependencyRequest request, StageContext& context);

  private:
    using Packages = std::vector<LockedPackage>;

    Task<Packages> resolve(const DependencyRequest& request, const Requirements& requirements,
                           StageContext& context);
    /// Puts the wheels of the pins into the cache. What has no usable wheel goes into `refused`, with every
    /// version that has none into `excluded`.
    Task<Packages> fetch(std::vector<Pin> pins, const DependencyRequest& request,
                         const Requirements& requirements,
                         std::map<std::string, std::vector<std::string>>& excluded,
                         std::map<std::string, Error>& refused, StageContext& context);
    Task<void> fetch_locked(const Packages& packages, const DependencyRequest& request,
                            StageContext& context);
    /// Builds the source distribution where that is what is missing; throws the sentence for the person else.
    Task<LockedPackage> repair(const Unresolved& failure, const DependencyRequest& request,
                               const Requirements& requirements, StageContext& context);
    Task<LockedPackage> build_sdist(Pin pin, std::string file, std::string sha256,
                                    const DependencyRequest& request, StageContext& context);
    Task<std::vector<std::filesystem::path>> build_environment(std::vector<std::string> requirements,
                                                               PythonPlatform platform, Resolver resolver,
                                                               StageContext& context);
    Task<std::shared_ptr<const DependencySet>> set_of(Packages packages, const DependencyRequest& request,
                                                      StageContext& context);
    /// Makes the resolver before it is needed, so that `who` is named when it cannot be had.
    Task<void> require_tools(std::string who, StageContext& context);
    std::shared_ptr<const DependencySet> assemble(const Packages& packages,
                                                  std::vector<std::string>& notices) const;

    CachePaths cache_;
    PythonTools tools_;
    SdistBuilder sdists_;
    std::map<std::string, std::weak_ptr<const DependencySet>> sets_;
};

} // namespace pyfops::packaging
