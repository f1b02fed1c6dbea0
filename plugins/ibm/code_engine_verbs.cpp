// SPDX-License-Identifier: Apache-2.0
// The verbs beside `deploy` (code_engine_deploy.cpp).
#include "catalog.hpp"
#include "code_engine_deployer.hpp"
#include "errors.hpp"
#include "marks.hpp"
#include "pyfops/sdk/target_rules.hpp"

namespace pyfops::ibm {
namespace {

using code_engine::Configuration;
using code_engine::Function;

std::string logs_hint(const Deployment& deployment) {
    if (deployment.identity.realm == Realm::local)
        return "the local cloud writes what functions print into .pyfops/local/emulator.log";
    return "open the IBM Cloud Logs instance of " + deployment.identity.region +
           " and look for the function " + deployment.cloud_name;
}

} // namespace

Task<std::optional<code_engine::StoredSecret>>
CodeEngineDeployer::read_secret(const Session& session, std::string function, StageContext& context) {
    Task<Outcome> asking =
        cloud_.attempt(session, code_engine::get_secret(session.project_id, secret_name(function)), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) co_return std::nullopt;
    co_return code_engine::read_secret(sdk::json_body(found.value(), "codeengine:GetSecret"));
}

Task<sdk::Polled<bool>> CodeEngineDeployer::ask_gone(const Session& session, const std::string& name,
                                                     StageContext& context) {
    Task<std::optional<Function>> looking = look(session, name, context);
    const std::optional<Function> found = co_await std::move(looking);
    sdk::Polled<bool> answer;
    answer.state = found ? found->status : "gone";
    if (!found) answer.ready = true;
    co_return answer;
}

Task<void> CodeEngineDeployer::wait_gone(const Session& session, std::string name, StageContext& context) {
    std::function<Task<sdk::Polled<bool>>()> ask = [this, &session, &name, &context] {
        return ask_gone(session, name, context);
    };
    const std::string what = "the end of function " + name;
    Task<bool> waiting = sdk::poll<bool>(context, Stage::deploy, what, {}, std::move(ask));
    co_await std::move(waiting);
}

Task<Deployment> CodeEngineDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    const FdIdentity& identity = known.identity;
    // Before anything is asked: only three sizes exist.
    if (request.memory_mb) size_of(*request.memory_mb);
    Task<Session> opening = cloud_.session(request.settings, identity.region, identity.realm, context);
    Session session = co_await std::move(opening);
    Task<std::optional<Session>> entering = projects_.find(std::move(session), identity.project, context);
    const std::optional<Session> inside = co_await std::move(entering);
    std::optional<Function> current;
    if (inside) {
        Task<std::optional<Function>> looking = look(*inside, known.cloud_name, context);
        current = co_await std::move(looking);
    }
    if (!current)
        throw Error(ErrorKind::not_found, "the function '" + known.cloud_name + "' is not there any more")
            .hint("deploy it again");
    require_mark(read_mark(*current), "the Code Engine function '" + known.cloud_name + "'", identity);
    std::function<Configuration(const Function&)> change = [&request](const Function& now) {
        Configuration wanted = now.configuration;
        if (request.memory_mb) {
            const Size& size = size_of(*request.memory_mb);
            wanted.cpu = size.cpu;
            wanted.memory = size.memory;
            wanted.variables[memory_variable].value = std::to_string(size.memory_mb);
        }
        if (request.timeout_seconds) {
            wanted.timeout = *request.timeout_seconds;
            wanted.variables[timeout_variable].value = std::to_string(wanted.timeout);
        }
        return wanted;
    };
    bool wrote = false;
    Task<Function> updating = update(*inside, std::move(*current), std::move(change), wrote, context);
    const Function now = co_await std::move(updating);
    Deployment deployment = to_deployment(now, known.mark, identity);
    deployment.probe_key = known.probe_key;
    deployment.action = wrote ? DeployAction::updated : DeployAction::unchanged;
    co_return deployment;
}

Task<std::optional<Deployment>> CodeEngineDeployer::find(const FindRequest& request, StageContext& context) {
    const FdIdentity& identity = request.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, identity.realm, context);
    Session session = co_await std::move(opening);
    Task<std::optional<Session>> entering = projects_.find(std::move(session), identity.project, context);
    const std::optional<Session> inside = co_await std::move(entering);
    if (!inside) co_return std::nullopt;
    Task<std::optional<Function>> looking = look(*inside, request.cloud_name, context);
    const std::optional<Function> found = co_await std::move(looking);
    if (!found) co_return std::nullopt;
    const auto mark = read_mark(*found);
    if (!mark || mark->fd != identity.str()) co_return std::nullopt;
    Deployment deployment = to_deployment(*found, *mark, identity);
    Task<std::optional<code_engine::StoredSecret>> reading = read_secret(*inside, found->name, context);
    const std::optional<code_engine::StoredSecret> secret = co_await std::move(reading);
    if (secret)
        if (const auto key = secret->data.find(sdk::probe_key_variable); key != secret->data.end())
            deployment.probe_key = key->second;
    co_return deployment;
}

Task<std::vector<Deployment>> CodeEngineDeployer::list(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, request.realm, context);
    Session session = co_await std::move(opening);
    Task<std::optional<Session>> entering = projects_.find(std::move(session), request.project, context);
    const std::optional<Session> inside = co_await std::move(entering);
    std::vector<Deployment> deployments;
    if (!inside) co_return deployments;
    std::string start;
    do {
        ApiCall call = code_engine::list_functions(inside->project_id, start);
        Task<json::value> listing = cloud_.send_json(*inside, std::move(call), context);
        const json::value answer = co_await std::move(listing);
        const auto page = code_engine::read_functions(answer);
        for (const Function& function : page.items) {
            const auto mark = read_mark(function);
            if (!mark || mark->project != request.project) continue;
            const auto identity = sdk::parse_identity(mark->fd);
            if (!identity || identity->realm != request.realm) continue;
            deployments.push_back(to_deployment(function, *mark, *identity));
        }
        start = page.next;
    } while (!start.empty());
    co_return deployments;
}

Task<void> CodeEngineDeployer::remove_secret(const Session& session, std::string function,
                                             const FdIdentity& identity, StageContext& context) {
    Task<std::optional<code_engine::StoredSecret>> reading = read_secret(session, function, context);
    const std::optional<code_engine::StoredSecret> found = co_await std::move(reading);
    if (!found) co_return;
    const auto fd = found->data.find(mark::fd);
    if (fd == found->data.end() || fd->second.expose() != identity.str()) co_return; // none of ours
    ApiCall call = code_engine::delete_secret(session.project_id, secret_name(function));
    Task<Outcome> deleting = cloud_.attempt(session, std::move(call), context);
    unless_absent(co_await std::move(deleting));
}

Task<void> CodeEngineDeployer::remove(const RemoveRequest& request, StageContext& context) {
    const FdIdentity& identity = request.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, identity.realm, context);
    Session session = co_await std::move(opening);
    Task<std::optional<Session>> entering = projects_.find(std::move(session), identity.project, context);
    const std::optional<Session> inside = co_await std::move(entering);
    if (!inside) co_return;
    const std::string& name = request.cloud_name;
    Task<std::optional<Function>> looking = look(*inside, name, context);
    const std::optional<Function> found = co_await std::move(looking);
    if (found) {
        const auto mark = read_mark(*found);
        if (!mark || mark->fd != identity.str())
            throw Error(ErrorKind::conflict, "the Code Engine function '" + name + "' in " + identity.region +
                                                 " is not this deployment's: it stays")
                .hint("delete it yourself if it is not needed");
    }
    // The secret before the function: while the function is there, a run that was stopped in between is
    // repeated whole. Without a function, one is left of a creation that was stopped.
    Task<void> clearing = remove_secret(*inside, name, identity, context);
    co_await std::move(clearing);
    if (!found) co_return;
    ApiCall call = code_engine::delete_function(inside->project_id, name);
    Task<Outcome> deleting = cloud_.attempt(*inside, std::move(call), context);
    unless_absent(co_await std::move(deleting));
    Task<void> going = wait_gone(*inside, name, context);
    co_await std::move(going);
}

Task<void> CodeEngineDeployer::remove_shared(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, request.realm, context);
    Session session = co_await std::move(opening);
    Task<void> removing = projects_.remove(std::move(session), request.project, context);
    co_await std::move(removing);
}

Task<std::vector<LogLine>> CodeEngineDeployer::logs(const LogsRequest& request, StageContext&) {
    throw Error(ErrorKind::invalid_input, "Code Engine has no API for the logs of functions")
        .hint(logs_hint(request.deployment));
    co_return std::vector<LogLine>{};
}

} // namespace pyfops::ibm
