// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_provider.hpp"

#include "pyfops/error.hpp"
#include "pyfops/testing/fake_packages.hpp"

#include <algorithm>
#include <utility>

namespace pyfops::testing {

FakeProvider::FakeProvider(std::string id) {
    description.id = std::move(id);
    description.title = "Fake cloud";
    description.afcl_name = "Fake";
    description.afcl_short = "Fake";
    description.regions = {{"r1", "Here", false}, {"r2", "There", false}, {"r3", "Elsewhere", false}};
    description.runtimes = {{"3.11", "py311", "Linux", "2.36", "", "", "", false, "made up"}};
    description.memory = {128, 1024, 64, 256, {}, 64, {}, "made up"};
}

Target FakeProvider::resolve(const ResolveRequest& request, Diagnostics& diagnostics) const {
    const auto known = [&](const RegionInfo& region) { return region.code == request.identity.region; };
    if (std::none_of(description.regions.begin(), description.regions.end(), known))
        diagnostics.error("unknown-region", "unknown region '" + request.identity.region + "'");
    Target target;
    target.identity = request.identity;
    const MemoryRule& memory = offer(request.settings).memory;
    target.memory_mb = request.memory_mb.value_or(memory.standard);
    if (!memory.allows(target.memory_mb)) diagnostics.error("memory", "memory not allowed");
    target.timeout_seconds = request.function.timeout_seconds;
    target.python = "3.11";
    target.runtime = "py311";
    target.architecture = description.architectures.front();
    target.glibc = "2.36";
    target.cloud_name = cloud_name(request.identity, description.limits.name_length);
    if (groups) {
        FdIdentity shared = request.identity;
        shared.function = target.group = request.function.source.filename().string();
        target.cloud_name = cloud_name(shared, description.limits.name_length);
    }
    return target;
}

Task<Account> FakeProvider::account(const json::object&, const std::string&, StageContext&) {
    co_return Account{"0", "nowhere", "nobody"};
}

Task<SourceTree> FakeProvider::wrap(const WrapRequest& request, StageContext& context) {
    calls.push_back("wrap " + request.function.name);
    if (on_wrap) co_return co_await on_wrap(request, context);
    SourceTree tree = request.source;
    tree.add("_entry.py", {"import this\n", false});
    co_return tree;
}

Task<Package> FakeProvider::package(const PackageRequest& request, StageContext& context) {
    calls.push_back("package " + request.function.name);
    if (on_package) co_return co_await on_package(request, context);
    co_return fake_package(request.wrapped.content_hash());
}

Task<Deployment> FakeProvider::deploy_in_memory(const DeployRequest& request) {
    const Target& target = request.target;
    const std::string key = target.identity.region + "/" + target.cloud_name;
    const auto existing = cloud.find(key);
    Deployment deployment;
    deployment.identity = target.identity;
    deployment.cloud_name = target.cloud_name;
    deployment.link = "fake:" + key;
    if (!target.group.empty()) deployment.link += "/" + target.identity.function;
    deployment.memory_mb = target.memory_mb;
    deployment.probe_key = Secret("probe");
    deployment.timeout_seconds = target.timeout_seconds;
    deployment.runtime = target.runtime;
    deployment.mark = request.mark;
    deployment.times = {Milliseconds(10), Milliseconds(20), Milliseconds(30)};
    deployment.action = existing == cloud.end() ? DeployAction::created
                        : existing->second.mark.content_hash == request.mark.content_hash
                            ? DeployAction::unchanged
                            : DeployAction::updated;
    cloud[key] = deployment;
    co_return deployment;
}

Task<Deployment> FakeProvider::deploy(const DeployRequest& request, StageContext& context) {
    calls.push_back("deploy " + request.target.identity.region + "/" + request.target.cloud_name);
    if (on_deploy) co_return co_await on_deploy(request, context);
    co_return co_await deploy_in_memory(request);
}

Task<Deployment> FakeProvider::configure(const ConfigureRequest& request, StageContext& context) {
    if (on_configure) co_return co_await on_configure(request, context);
    Deployment& deployment =
        cloud.at(request.deployment.identity.region + "/" + request.deployment.cloud_name);
    if (request.memory_mb) deployment.memory_mb = *request.memory_mb;
    if (request.timeout_seconds) deployment.timeout_seconds = *request.timeout_seconds;
    co_return deployment;
}

Task<std::optional<Deployment>> FakeProvider::find(const FindRequest& request, StageContext&) {
    const auto found = cloud.find(request.identity.region + "/" + request.cloud_name);
    if (found == cloud.end()) co_return std::nullopt;
    co_return found->second;
}

Task<std::vector<Deployment>> FakeProvider::list(const ListRequest& request, StageContext& context) {
    if (on_list) co_return co_await on_list(request, context);
    std::vector<Deployment> found;
    for (const auto& [key, deployment] : cloud)
        if (deployment.identity.region == request.region && deployment.mark.project == request.project &&
            deployment.identity.realm == request.realm)
            found.push_back(deployment);
    co_return found;
}

Task<void> FakeProvider::remove(const RemoveRequest& request, StageContext& context) {
    calls.push_back("remove " + request.identity.region + "/" + request.cloud_name);
    if (on_remove) co_await on_remove(request, context);
    cloud.erase(request.identity.region + "/" + request.cloud_name);
}

Task<void> FakeProvider::remove_shared(const ListRequest&, StageContext&) {
    calls.push_back("remove_shared");
    co_return;
}

Task<std::vector<LogLine>> FakeProvider::logs(const LogsRequest& request, StageContext&) {
    co_return std::vector<LogLine>{{request.since, "a line"}};
}

Task<Invocation> FakeProvider::invoke(const InvokeRequest& request, StageContext& context) {
    calls.push_back("invoke " + request.deployment.identity.region + "/" + request.deployment.cloud_name);
    if (on_invoke) co_return co_await on_invoke(request, context);
    Invocation invocation;
    invocation.output = request.event;
    invocation.round_trip = Milliseconds(5);
    co_return invocation;
}

} // namespace pyfops::testing
