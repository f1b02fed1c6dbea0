// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

#include <functional>
#include <vector>

namespace pyfops::testing {

/// A PackageBuilder that resolves nothing: dependencies are what the handler says (else an empty set), and
/// the "archive" is a text that changes with every file. Records what was asked.
class FakePackages final : public PackageBuilder {
  public:
    std::function<std::shared_ptr<const DependencySet>(const DependencyRequest&)> on_dependencies;
    std::vector<DependencyRequest> dependency_requests;
    std::vector<BuildRequest> build_requests;

    Task<std::shared_ptr<const DependencySet>> dependencies(DependencyRequest request,
                                                            StageContext& context) override;
    Task<Package> build(BuildRequest request, StageContext& context) override;
};

/// A package with that content as its archive.
Package fake_package(std::string archive);

} // namespace pyfops::testing
