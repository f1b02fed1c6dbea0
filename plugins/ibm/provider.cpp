// SPDX-License-Identifier: Apache-2.0
#include "provider.hpp"

#include "catalog.hpp"
#include "resolve.hpp"
#include "settings.hpp"

namespace pyfops::ibm {

Deployer& IbmDeployer::of(const json::object& settings) {
    if (is_openwhisk(settings)) return openwhisk_;
    return code_engine_;
}

Task<Deployment> IbmDeployer::deploy(const DeployRequest& request, StageContext& context) {
    return of(request.settings).deploy(request, context);
}

Task<Deployment> IbmDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    return of(request.settings).configure(request, context);
}

Task<std::optional<Deployment>> IbmDeployer::find(const FindRequest& request, StageContext& context) {
    return of(request.settings).find(request, context);
}

Task<std::vector<Deployment>> IbmDeployer::list(const ListRequest& request, StageContext& context) {
    return of(request.settings).list(request, context);
}

Task<void> IbmDeployer::remove(const RemoveRequest& request, StageContext& context) {
    return of(request.settings).remove(request, context);
}

Task<void> IbmDeployer::remove_shared(const ListRequest& request, StageContext& context) {
    return of(request.settings).remove_shared(request, context);
}

Task<std::vector<LogLine>> IbmDeployer::logs(const LogsRequest& request, StageContext& context) {
    return of(request.settings).logs(request, context);
}

Task<Invocation> IbmTester::invoke(const InvokeRequest& request, StageContext& context) {
    if (is_openwhisk(request.settings)) return openwhisk_.invoke(request, context);
    return code_engine_.invoke(request, context);
}

IbmProvider::IbmProvider() : deployer_(code_engine_, openwhisk_), tester_(openwhisk_) {}

const ProviderInfo& IbmProvider::info() const {
    return catalog();
}

const ProviderInfo& IbmProvider::offer(const json::object& settings) const {
    return ibm::offer(settings);
}

Target IbmProvider::resolve(const ResolveRequest& request, Diagnostics& diagnostics) const {
    return resolve_target(request, diagnostics);
}

void IbmProvider::validate_settings(const json::object& settings, const std::string& path,
                                    Diagnostics& diagnostics) const {
    check_settings(settings, path, diagnostics);
}

Task<Account> IbmProvider::account(const json::object& settings, const std::string& region,
                                   StageContext& context) {
    if (is_openwhisk(settings)) {
        Task<Whisk> opening = openwhisk_.session(settings, Realm::real, context);
        const Whisk whisk = co_await std::move(opening);
        co_return Account{whisk.name_space, whisk.config->source, whisk.base.host};
    }
    Task<Session> opening = code_engine_.session(settings, region, Realm::real, context);
    const Session session = co_await std::move(opening);
    co_return Account{session.account, session.config->source, session.principal};
}

} // namespace pyfops::ibm
