// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "code_engine_cloud.hpp"
#include "code_engine_deployer.hpp"
#include "code_engine_tester.hpp"
#include "openwhisk_cloud.hpp"
#include "openwhisk_deployer.hpp"
#include "openwhisk_tester.hpp"
#include "packager.hpp"
#include "pyfops/provider.hpp"
#include "wrapper.hpp"

namespace pyfops::ibm {

/// Each verb on the API that the settings choose.
class IbmDeployer final : public Deployer {
  public:
    IbmDeployer(CodeEngineCloud& code_engine, OpenWhiskCloud& openwhisk)
        : code_engine_(code_engine),
          openwhisk_(openwhisk) {}

    Task<Deployment> deploy(const DeployRequest& request, StageContext& context) override;
    Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) override;
    Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) override;
    Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) override;
    Task<void> remove(const RemoveRequest& request, StageContext& context) override;
    Task<void> remove_shared(const ListRequest& request, StageContext& context) override;
    Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) override;

  private:
    Deployer& of(const json::object& settings);
    CodeEngineDeployer code_engine_;
    OpenWhiskDeployer openwhisk_;
};

class IbmTester final : public Tester {
  public:
    explicit IbmTester(OpenWhiskCloud& openwhisk) : openwhisk_(openwhisk) {}
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;

  private:
    CodeEngineTester code_engine_;
    OpenWhiskTester openwhisk_;
};

/// IBM Cloud Code Engine; with `api: openwhisk` the actions of an Apache OpenWhisk host.
class IbmProvider final : public Provider {
  public:
    IbmProvider();
    const ProviderInfo& info() const override;
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
    CodeEngineCloud code_engine_;
    OpenWhiskCloud openwhisk_;
    IbmWrapper wrapper_;
    IbmPackager packager_;
    IbmDeployer deployer_;
    IbmTester tester_;
};

} // namespace pyfops::ibm
