// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::google {

/// A zip that runs as it is: the wrapped code, its dependencies and the runtime library beside each other,
/// all resolved together. For Google's build it also holds a requirements.txt that names that library alone,
/// in the version that is packed: the rest is there already.
class GooglePackager final : public Packager {
  public:
    explicit GooglePackager(const ProviderInfo& info) : info_(info) {}
    Task<Package> package(const PackageRequest& request, StageContext& context) override;

  private:
    const ProviderInfo& info_;
};

/// Whether a requirements file names the runtime library: then the user chooses its version.
bool names_framework(std::string_view requirements);

/// The tree with our requirements.txt; one of the user's is kept under another name.
SourceTree with_requirements(const SourceTree& tree, const std::string& framework_version);

} // namespace pyfops::google
