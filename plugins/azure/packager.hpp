// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"
#include "pyfops/sdk/default_stages.hpp"

#include <map>
#include <string>

namespace pyfops::azure {

/// Where the worker of Azure looks for the dependencies of an app.
inline constexpr const char* dependencies_folder = ".python_packages/lib/site-packages";

/// Dependencies beside the code, and azure-functions with them: the package runs as it is.
class AzurePackager final : public Packager {
  public:
    explicit AzurePackager(const ProviderInfo& info) : zip_(info, dependencies_folder) {}
    Task<Package> package(const PackageRequest& request, StageContext& context) override;

  private:
    sdk::ZipPackager zip_;
};

/// The entry files of a function and its companions, by their path at the root of the package. Throws
/// conflict for a host.json of the user's, limit_exceeded for more functions than an app holds.
std::map<std::string, std::string> entry_files(const WrapRequest& request);

} // namespace pyfops::azure
