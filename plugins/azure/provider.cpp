// SPDX-License-Identifier: Apache-2.0
#include "provider.hpp"

#include "catalog.hpp"
#include "resolve.hpp"

namespace pyfops::azure {

AzureProvider::AzureProvider()
    : info_(catalog()),
      wrapper_(entry_files),
      packager_(info_),
      deployer_(cloud_),
      tester_(cloud_, info_) {}

const ProviderInfo& AzureProvider::offer(const json::object& settings) const {
    return azure::offer(settings);
}

Target AzureProvider::resolve(const ResolveRequest& request, Diagnostics& diagnostics) const {
    return resolve_target(request, diagnostics);
}

void AzureProvider::validate_settings(const json::object& settings, const std::string& path,
                                      Diagnostics& diagnostics) const {
    check_settings(settings, path, diagnostics);
}

Task<Account> AzureProvider::account(const json::object& settings, const std::string& region,
                                     StageContext& context) {
    Task<Session> opening = cloud_.session(settings, region, context);
    const Session session = co_await std::move(opening);
    co_return Account{session.subscription, session.credentials_source, session.principal};
}

} // namespace pyfops::azure
