// SPDX-License-Identifier: Apache-2.0
#include "provider.hpp"

#include "pyfops/sdk/entry_files.hpp"
#include "pyfops_alibaba_provider_embedded.hpp"
#include "resolve.hpp"

namespace pyfops::alibaba {

AlibabaProvider::AlibabaProvider(const ProviderInfo& info)
    : info_(info),
      wrapper_(entry_files),
      packager_(info_),
      deployer_(cloud_, info_),
      tester_(cloud_, info_) {}

Target AlibabaProvider::resolve(const ResolveRequest& request, Diagnostics& diagnostics) const {
    return resolve_target(info_, request, diagnostics);
}

void AlibabaProvider::validate_settings(const json::object& settings, const std::string& path,
                                        Diagnostics& diagnostics) const {
    check_settings(settings, path, diagnostics);
}

Task<Account> AlibabaProvider::account(const json::object& settings, const std::string& region,
                                       StageContext& context) {
    Task<Session> opening = cloud_.session(settings, region, context);
    const Session session = co_await std::move(opening);
    co_return Account{session.account, session.credentials_source, session.principal};
}

std::map<std::string, std::string> entry_files(const WrapRequest& request) {
    auto files = sdk::common_entry_files(request.function);
    files["_pyfops_alibaba.py"] = std::string(wrapper_files::text("_pyfops_alibaba.py"));
    return files;
}

} // namespace pyfops::alibaba
