// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pyfops::testing {

/// A provider in memory. Each hook replaces one verb; an unset one does the sensible thing: deployments are
/// kept in `cloud`, by region and name, and functions answer with their event.
class FakeProvider final : public Provider, public Wrapper, public Packager, public Deployer, public Tester {
  public:
    explicit FakeProvider(std::string id = "fake");

    ProviderInfo description;
    std::map<std::string, Deployment> cloud; ///< by "region/name"
    std::vector<std::string> calls;          ///< "deploy r1/p-f", in order

    bool groups = false; ///< functions of a code base share a resource

    std::function<const ProviderInfo&(const json::object&)> on_offer;
    std::function<Task<SourceTree>(const WrapRequest&, StageContext&)> on_wrap;
    std::function<Task<Package>(const PackageRequest&, StageContext&)> on_package;
    std::function<Task<Deployment>(const DeployRequest&, StageContext&)> on_deploy;
    std::function<Task<Deployment>(const ConfigureRequest&, StageContext&)> on_configure;
    std::function<Task<void>(const RemoveRequest&, StageContext&)> on_remove;
    std::function<Task<std::vector<Deployment>>(const ListRequest&, StageContext&)> on_list;
    std::function<Task<Invocation>(const InvokeRequest&, StageContext&)> on_invoke;

    const ProviderInfo& info() const override { return description; }
    const ProviderInfo& offer(const json::object& settings) const override {
        return on_offer ? on_offer(settings) : description;
    }
    Target resolve(const ResolveRequest& request, Diagnostics& diagnostics) const override;
    Task<Account> account(const json::object& settings, const std::string& region,
                          StageContext& context) override;
    Wrapper& wrapper() override { return *this; }
    Packager& packager() override { return *this; }
    Deployer& deployer() override { return *this; }
    Tester& tester() override { return *this; }

    Task<SourceTree> wrap(const WrapRequest& request, StageContext& context) override;
    Task<Package> package(const PackageRequest& request, StageContext& context) override;
    /// The default of `on_deploy`.
    Task<Deployment> deploy_in_memory(const DeployRequest& request);
    Task<Deployment> deploy(const DeployRequest& request, StageContext& context) override;
    Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) override;
    Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) override;
    Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) override;
    Task<void> remove(const RemoveRequest& request, StageContext& context) override;
    Task<void> remove_shared(const ListRequest& request, StageContext& context) override;
    Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) override;
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;
};

} // namespace pyfops::testing
