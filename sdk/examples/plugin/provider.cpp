// SPDX-License-Identifier: Apache-2.0
#include "stages.hpp"

#include <pyfops/plugin.hpp>
#include <pyfops/provider.hpp>
#include <pyfops/sdk/default_stages.hpp>

#include <algorithm>

namespace acme {

using namespace pyfops;

namespace {

ProviderInfo describe() {
    ProviderInfo info;
    info.id = "acme";
    info.title = "Acme Functions";
    info.afcl_name = "Acme";
    info.afcl_short = "Acme";
    info.regions = {{"moon", "Mare Tranquillitatis", false}, {"mars", "Gale Crater", false}};
    info.runtimes = {{"3.11", "py-3.11", "Debian 12", "2.36", "", "", "", false, "invented"}};
    info.memory.minimum = 64;
    info.memory.maximum = 1024;
    info.memory.step = 64;
    info.memory.standard = 128;
    info.memory.source = "invented";
    info.limits.zip_bytes = 10u << 20;
    info.limits.name_length = 40;
    info.limits.source = "invented";
    info.credential_sources = {"ACME_TOKEN"};
    return info;
}

class AcmeProvider final : public Provider {
  public:
    const ProviderInfo& info() const override { return info_; }

    Target resolve(const ResolveRequest& request, Diagnostics& diagnostics) const override {
        const auto known = [&](const RegionInfo& region) { return region.code == request.identity.region; };
        if (std::none_of(info_.regions.begin(), info_.regions.end(), known))
            diagnostics.add({Severity::error,
                             "unknown-region",
                             "Acme has no region '" + request.identity.region + "'",
                             "use moon or mars",
                             request.deployment_path + "/regions",
                             {}});
        Target target;
        target.identity = request.identity;
        target.memory_mb = request.memory_mb.value_or(info_.memory.standard);
        if (!info_.memory.allows(target.memory_mb))
            diagnostics.add({Severity::error,
                             "memory",
                             "Acme takes 64 to 1024 MB in steps of 64",
                             "",
                             request.function_path + "/memory",
                             {}});
        target.timeout_seconds = request.function.timeout_seconds;
        target.python = info_.runtimes.front().python;
        target.runtime = info_.runtimes.front().name;
        target.glibc = info_.runtimes.front().glibc;
        target.cloud_name = cloud_name(request.identity, info_.limits.name_length);
        return target;
    }

    Task<Account> account(const json::object&, const std::string&, StageContext& context) override {
        endpoint(context);
        co_return Account{"acme", "ACME_TOKEN", ""};
    }

    Wrapper& wrapper() override { return wrapper_; }
    Packager& packager() override { return packager_; }
    Deployer& deployer() override { return deployer_; }
    Tester& tester() override { return tester_; }

  private:
    ProviderInfo info_ = describe();
    sdk::TemplateWrapper wrapper_{&entry_files};
    sdk::ZipPackager packager_{info_};
    AcmeDeployer deployer_;
    AcmeTester tester_;
};

} // namespace

} // namespace acme

PYFOPS_PLUGIN(acme::AcmeProvider, "acme", "1.0.0")
