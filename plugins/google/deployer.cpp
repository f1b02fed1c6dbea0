// SPDX-License-Identifier: Apache-2.0
// The verbs beside `deploy` (deploy.cpp).
#include "deployer.hpp"

#include "catalog.hpp"
#include "logging.hpp"
#include "marks.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"

#include <algorithm>

namespace pyfops::google {
namespace {

/// The name of the Cloud Run service, which log entries carry.
std::string service_name(const Deployment& deployment) {
    const std::string service = string_or(deployment.details, "service");
    return service.empty() ? deployment.cloud_name : service.substr(service.rfind('/') + 1);
}

/// The function's variables go back to Google with every change; which of them are secret is not known here.
std::vector<Secret> kept_out_of_messages(const functions::Texts& environment) {
    std::vector<Secret> values;
    for (const auto& [name, value] : environment)
        if (!name.starts_with("PYFOPS_")) values.emplace_back(value);
    return values;
}

} // namespace

Task<Deployment> GoogleDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    Task<Session> opening =
        cloud_.session(request.settings, known.identity.region, context, known.identity.realm);
    const Session session = co_await std::move(opening);
    Task<MaybeFunction> looking = settled(session, known.cloud_name, context);
    MaybeFunction now = co_await std::move(looking);
    const std::string which = "the function '" + known.cloud_name + "' in " + known.identity.region;
    if (!now) throw Error(ErrorKind::not_found, which + " is gone").hint("deploy it again");
    if (!is_of(*now, known.identity))
        throw Error(ErrorKind::conflict, which + " is not this deployment's any more: it stays as it is")
            .hint("run 'pyfops deploy': it says whose it is");
    functions::Change change;
    functions::Texts environment = now->environment;
    const std::vector<Secret> hidden = kept_out_of_messages(environment);
    if (request.memory_mb && *request.memory_mb != now->memory_mb) {
        change.memory_mb = *request.memory_mb;
        change.cpu = cpu_for(*request.memory_mb);
        environment[own_variable::memory] = std::to_string(*request.memory_mb);
    }
    if (request.timeout_seconds && *request.timeout_seconds != now->timeout) {
        change.timeout = *request.timeout_seconds;
        environment[own_variable::timeout] = std::to_string(*request.timeout_seconds);
    }
    const bool changes = !change.empty();
    if (changes) {
        if (environment != now->environment) change.environment = std::move(environment);
        ApiCall call = functions::update_function(session.parent(), known.cloud_name, change);
        Task<void> writing = perform(session, known.cloud_name, std::move(call), context);
        co_await std::move(writing);
        Task<MaybeFunction> reading = settled(session, known.cloud_name, context);
        now = co_await std::move(reading);
        if (!now || now->state == "FAILED")
            throw Error(ErrorKind::unavailable,
                        "Google could not change the function '" + known.cloud_name + "'")
                .provider(200, "FAILED", now ? now->problem : "it was deleted");
    }
    Deployment deployment = known;
    deployment.memory_mb = now->memory_mb;
    deployment.timeout_seconds = now->timeout;
    deployment.action = changes ? DeployAction::updated : DeployAction::unchanged;
    deployment.details["revision"] = now->revision;
    deployment.details["cpu"] = now->cpu;
    co_return deployment;
}

Task<std::optional<Deployment>> GoogleDeployer::find(const FindRequest& request, StageContext& context) {
    Task<Session> opening =
        cloud_.session(request.settings, request.identity.region, context, request.identity.realm);
    const Session session = co_await std::move(opening);
    Task<MaybeFunction> looking = look(session, request.cloud_name, context);
    const MaybeFunction found = co_await std::move(looking);
    if (!found || !is_of(*found, request.identity)) co_return std::nullopt;
    OwnershipMark mark = *read_mark(*found);
    mark.project = request.identity.project;
    mark.fd = request.identity.str();
    co_return to_deployment(*found, mark, request.identity);
}

Task<std::vector<Deployment>> GoogleDeployer::list(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    std::vector<Deployment> deployments;
    std::string token;
    do {
        ApiCall call = functions::list_functions(session.parent(), token);
        Task<json::value> listing = cloud_.send_json(session, std::move(call), context);
        functions::Page page = functions::read_page(co_await std::move(listing));
        for (const functions::Function& function : page.functions) {
            const auto mark = read_mark(function);
            if (!mark || mark->project != request.project || mark->fd.empty()) continue;
            const auto identity = sdk::parse_identity(mark->fd);
            if (identity->realm == request.realm)
                deployments.push_back(to_deployment(function, *mark, *identity));
        }
        token = page.next_token;
    } while (!token.empty());
    co_return deployments;
}

Task<void> GoogleDeployer::remove(const RemoveRequest& request, StageContext& context) {
    Task<Session> opening =
        cloud_.session(request.settings, request.identity.region, context, request.identity.realm);
    const Session session = co_await std::move(opening);
    Task<MaybeFunction> looking = settled(session, request.cloud_name, context);
    const MaybeFunction found = co_await std::move(looking);
    if (!found) co_return;
    if (!is_of(*found, request.identity))
        throw Error(ErrorKind::conflict, "the function '" + request.cloud_name + "' in " +
                                             request.identity.region + " is not this deployment's: it stays")
            .hint("delete it yourself if it is not needed");
    ApiCall call = functions::delete_function(session.parent(), request.cloud_name);
    Task<void> deleting = perform(session, request.cloud_name, std::move(call), context);
    co_await std::move(deleting);
}

/// Functions of Google's share nothing that pyfOps makes.
Task<void> GoogleDeployer::remove_shared(const ListRequest&, StageContext&) {
    co_return;
}

Task<std::vector<LogLine>> GoogleDeployer::logs(const LogsRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    Task<Session> opening =
        cloud_.session(request.settings, deployment.identity.region, context, deployment.identity.realm);
    const Session session = co_await std::move(opening);
    const logging::Query query{session.project, session.region, service_name(deployment), request.since};
    std::vector<LogLine> lines;
    std::string token;
    do {
        const int wanted = request.limit - static_cast<int>(lines.size());
        Task<json::value> asking =
            cloud_.send_json(session, logging::list_entries(query, wanted, token), context);
        logging::Page page = logging::read_page(co_await std::move(asking));
        std::move(page.lines.begin(), page.lines.end(), std::back_inserter(lines));
        token = page.next_token;
    } while (!token.empty() && static_cast<int>(lines.size()) < request.limit);
    // The newest are wanted, in the order of their time.
    if (static_cast<int>(lines.size()) > request.limit) lines.resize(static_cast<std::size_t>(request.limit));
    std::reverse(lines.begin(), lines.end());
    co_return lines;
}

} // namespace pyfops::google
