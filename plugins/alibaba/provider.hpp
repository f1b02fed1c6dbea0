// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog.hpp"
#include "cloud.hpp"
#include "deployer.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/default_stages.hpp"
#include "tester.hpp"

namespace pyfops::alibaba {

/// Alibaba Cloud Function Compute 3.0.
class AlibabaProvider final : public Provider {
  public:
    explicit AlibabaProvider(const ProviderInfo& info = catalog());
    const ProviderInfo& info() const override { return info_; }
    Target resolve(const ResolveRequest& request, Diagnostics& diagnostics) const override;
    void validate_settings(const json::object& settings, const std::string& path,
                           Diagnostics& diagnostics) const override;
    Task<Account> account(const json::object& settings, const std::string& region,
                          StageContext& context) override;
    Wrapper& wrapper() override { return wrapper_; }
    Packager& packager() override { return packager_; }
    Deployer& deployer() override { return deployer_; }
    Tester& tester() override { return tester_; }

  private:
    const ProviderInfo& info_;
    Cloud cloud_;
    sdk::TemplateWrapper wrapper_;
    sdk::ZipPackager packager_;
    AlibabaDeployer deployer_;
    AlibabaTester tester_;
};

/// The entry files of a function, by their path at the root of the package.
std::map<std::string, std::string> entry_files(const WrapRequest& request);

} // namespace pyfops::alibaba
