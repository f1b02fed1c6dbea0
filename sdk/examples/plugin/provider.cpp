// SPDX-License-Identifier: Apache-2.0
#include "api.hpp"
#include "client.hpp"
#include "pyfops_acme_embedded.hpp"
#include "stages.hpp"

#include <pyfops/plugin.hpp>
#include <pyfops/provider.hpp>
#include <pyfops/sdk/default_stages.hpp>
#include <pyfops/sdk/entry_files.hpp>
#include <pyfops/sdk/target_rules.hpp>

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

std::map<std::string, std::string> entry_files(const WrapRequest& request) {
    auto files = sdk::common_entry_files(request.function);
    files[entry_file] = std::string(acme_files::text("entry.py"));
    return files;
}

class AcmeProvider final : public Provider {
  public:
    const ProviderInfo& info() const override { return info_; }

    Target resolve(const ResolveRequest& request, Diagnostics& diagnostics) const override {
        return sdk::resolve_target(info_, request, {}, diagnostics);
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
    AcmeTester tester_{info_};
};

} // namespace

} // namespace acme

PYFOPS_PLUGIN(acme::AcmeProvider, "acme", "1.0.0")
