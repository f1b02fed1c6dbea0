// SPDX-License-Identifier: Apache-2.0
#include "provider.hpp"

#include "catalog.hpp"
#include "pyfops/sdk/entry_files.hpp"
#include "pyfops_google_provider_embedded.hpp"
#include "resolve.hpp"

namespace pyfops::google {

GoogleProvider::GoogleProvider()
    : info_(catalog()),
      wrapper_(entry_files),
      packager_(info_),
      deployer_(cloud_),
      tester_(cloud_, info_) {}

Target GoogleProvider::resolve(const ResolveRequest& request, Diagnostics& diagnostics) const {
    return resolve_target(info_, request, diagnostics);
}

void GoogleProvider::validate_settings(const json::object& settings, const std::string& path,
                                       Diagnostics& diagnostics) const {
    check_settings(settings, path, diagnostics);
}

Task<Account> GoogleProvider::account(const json::object& settings, const std::string& region,
                                      StageContext& context) {
    Task<Session> opening = cloud_.session(settings, region, context);
    const Session session = co_await std::move(opening);
    co_return Account{session.project, session.credentials->source, session.credentials->principal};
}

std::map<std::string, std::string> entry_files(const WrapRequest& request) {
    auto files = sdk::common_entry_files(request.function);
    files[entry_file] = std::string(wrapper_files::text(entry_file));
    return files;
}

} // namespace pyfops::google
