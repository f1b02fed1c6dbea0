// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "deployer.hpp"
#include "packager.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/default_stages.hpp"
#include "tester.hpp"

namespace pyfops::azure {

/// Azure Functions.
class AzureProvider final : public Provider {
  public:
    AzureProvider();
    const ProviderInfo& info() const override { return info_; }
    const ProviderInfo& offer(const json::object& settings) const override;
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
    AzurePackager packager_;
    AzureDeployer deployer_;
    AzureTester tester_;
};

} // namespace pyfops::azure
