// SPDX-License-Identifier: Apache-2.0
#include "openwhisk_deployer.hpp"

#include "endpoints.hpp"
#include "errors.hpp"
#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"

#include <set>

namespace pyfops::ibm {
namespace {

using openwhisk::Action;
using openwhisk::ActionChange;

constexpr const char* region_variable = "PYFOPS_REGION";

Milliseconds since(const Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
}

std::string described(const std::string& name) {
    return "the action '" + name + "'";
}

Deployment to_deployment(const Action& action, const Whisk& whisk, const OwnershipMark& mark,
                         const FdIdentity& identity) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.cloud_name = action.name;
    deployment.link = deployment.url =
        below(whisk.base, openwhisk::web_path(whisk.name_space, action.name)).str();
    deployment.memory_mb = action.memory_mb;
    deployment.timeout_seconds = static_cast<int>(action.timeout_ms / 1000);
    deployment.runtime = action.kind;
    deployment.mark = mark;
    if (const auto key = action.environment.find(sdk::probe_key_variable); key != action.environment.end())
        deployment.probe_key = key->second;
    deployment.details["version"] = action.version;
    deployment.details["namespace"] = whisk.name_space;
    deployment.details["code_sha256"] = action.code_hash();
    return deployment;
}

SecretData environment_of(const DeployRequest& request, const Action* current) {
    SecretData values = request.secrets;
    for (const auto& [name, value] : request.environment)
        values.emplace(name, Secret(value));
    Secret key;
    if (current)
        if (const auto known = current->environment.find(sdk::probe_key_variable);
            known != current->environment.end())
            key = known->second;
    values[sdk::probe_key_variable] = key.empty() ? Secret(base64url(random_bytes(24))) : key;
    values[memory_variable] = Secret(std::to_string(request.target.memory_mb));
    values[region_variable] = Secret(request.target.identity.region);
    return values;
}

} // namespace

Task<std::optional<Action>> OpenWhiskDeployer::look(Whisk whisk, std::string name, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(whisk, openwhisk::get_action(whisk.name_space, name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) co_return std::nullopt;
    co_return openwhisk::read_action(sdk::json_body(found.value(), "openwhisk:GetAction"));
}

Task<Action> OpenWhiskDeployer::write(Whisk whisk, std::string name, ActionChange change,
                                      StageContext& context) {
    ApiCall call = openwhisk::put_action(whisk.name_space, name, change, true);
    Task<json::value> putting = cloud_.send_json(whisk, std::move(call), context);
    const json::value answer = co_await std::move(putting);
    co_return openwhisk::read_action(answer);
}

Task<Deployment> OpenWhiskDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Clock& clock = context.host.clock;
    const Target& target = request.target;
    const FdIdentity& identity = target.identity;
    const SteadyTime start = clock.steady_now();
    Task<Whisk> opening = cloud_.session(request.settings, identity.realm, context);
    const Whisk whisk = co_await std::move(opening);
    Task<std::optional<Action>> looking = look(whisk, target.cloud_name, context);
    std::optional<Action> current = co_await std::move(looking);
    const std::string code_hash = hex(request.package.archive_sha256);

    Deployment deployment;
    if (!current) {
        ActionChange all;
        all.kind = target.runtime;
        all.archive = request.package.archive;
        all.memory_mb = target.memory_mb;
        all.timeout_seconds = target.timeout_seconds;
        all.mark = request.mark;
        all.code_hash = code_hash;
        all.environment = environment_of(request, nullptr);
        const Secret probe_key = all.environment->at(sdk::probe_key_variable);
        context.progress(Stage::deploy, "creating action " + target.cloud_name);
        ApiCall call = openwhisk::put_action(whisk.name_space, target.cloud_name, all, false);
        Task<Outcome> creating = cloud_.attempt(whisk, std::move(call), context);
        const Outcome created = co_await std::move(creating);
        if (created.ok()) {
            const Action made =
                openwhisk::read_action(sdk::json_body(created.value(), "openwhisk:CreateAction"));
            deployment = to_deployment(made, whisk, request.mark, identity);
            deployment.probe_key = probe_key;
            deployment.action = DeployAction::created;
            deployment.times.upload = since(clock, start);
        } else {
            if (!already_exists(*created.failure)) throw *created.failure;
            // Somebody was faster, or the answer to our own request was lost.
            Task<std::optional<Action>> again = look(whisk, target.cloud_name, context);
            current = co_await std::move(again);
            if (!current) throw *created.failure;
        }
    }
    if (current) {
        const OwnershipMark known = require_mark(current->mark(), described(target.cloud_name), identity);
        ActionChange change;
        change.kind = target.runtime;
        // Equal content may have other bytes when another machine packed it.
        const bool same_code =
            current->kind == target.runtime &&
            (current->code_hash() == code_hash || known.content_hash == request.mark.content_hash);
        if (!same_code) change.archive = request.package.archive;
        change.code_hash = same_code ? current->code_hash() : code_hash;
        if (current->memory_mb != target.memory_mb) change.memory_mb = target.memory_mb;
        if (current->timeout_ms != target.timeout_seconds * 1000LL)
            change.timeout_seconds = target.timeout_seconds;
        const auto environment = environment_of(request, &*current);
        if (!current->readable || !same(current->environment, environment)) change.environment = environment;
        const bool differs = change.archive || change.memory_mb || change.timeout_seconds ||
                             change.environment || known.content_hash != request.mark.content_hash;
        if (differs) {
            // One request: the mark cannot say what is not in force.
            change.mark = request.mark;
            context.progress(Stage::deploy, "updating action " + target.cloud_name);
            const SteadyTime begin = clock.steady_now();
            Task<Action> writing = write(whisk, target.cloud_name, std::move(change), context);
            current = co_await std::move(writing);
            deployment.times.upload = since(clock, begin);
        }
        const DeployTimes times = deployment.times;
        deployment = to_deployment(*current, whisk, request.mark, identity);
        deployment.times = times;
        deployment.probe_key = environment.at(sdk::probe_key_variable);
        deployment.action = differs ? DeployAction::updated : DeployAction::unchanged;
    }
    deployment.times.total = since(clock, start);
    co_return deployment;
}

Task<Deployment> OpenWhiskDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    Task<Whisk> opening = cloud_.session(request.settings, known.identity.realm, context);
    const Whisk whisk = co_await std::move(opening);
    Task<std::optional<Action>> looking = look(whisk, known.cloud_name, context);
    std::optional<Action> current = co_await std::move(looking);
    if (!current)
        throw Error(ErrorKind::not_found, described(known.cloud_name) + " is not there any more")
            .hint("deploy it again");
    require_mark(current->mark(), described(known.cloud_name), known.identity);
    ActionChange change;
    if (request.memory_mb && *request.memory_mb != current->memory_mb) {
        change.memory_mb = *request.memory_mb;
        change.environment = current->environment;
        (*change.environment)[memory_variable] = Secret(std::to_string(*request.memory_mb));
    }
    if (request.timeout_seconds && *request.timeout_seconds * 1000LL != current->timeout_ms)
        change.timeout_seconds = *request.timeout_seconds;
    const bool differs = change.memory_mb || change.timeout_seconds;
    if (differs) {
        Task<Action> writing = write(whisk, known.cloud_name, std::move(change), context);
        current = co_await std::move(writing);
    }
    Deployment deployment = to_deployment(*current, whisk, known.mark, known.identity);
    deployment.probe_key = known.probe_key;
    deployment.action = differs ? DeployAction::updated : DeployAction::unchanged;
    co_return deployment;
}

Task<std::optional<Deployment>> OpenWhiskDeployer::find(const FindRequest& request, StageContext& context) {
    Task<Whisk> opening = cloud_.session(request.settings, request.identity.realm, context);
    const Whisk whisk = co_await std::move(opening);
    Task<std::optional<Action>> looking = look(whisk, request.cloud_name, context);
    const std::optional<Action> found = co_await std::move(looking);
    if (!found) co_return std::nullopt;
    const auto mark = found->mark();
    if (!mark || mark->fd != request.identity.str()) co_return std::nullopt;
    co_return to_deployment(*found, whisk, *mark, request.identity);
}

Task<std::vector<Deployment>> OpenWhiskDeployer::list(const ListRequest& request, StageContext& context) {
    Task<Whisk> opening = cloud_.session(request.settings, request.realm, context);
    const Whisk whisk = co_await std::move(opening);
    std::vector<Deployment> deployments;
    std::set<std::string> seen;
    for (int skip = 0;;) {
        Task<json::value> listing =
            cloud_.send_json(whisk, openwhisk::list_actions(whisk.name_space, skip), context);
        const json::value answer = co_await std::move(listing);
        const std::vector<Action> page = openwhisk::read_actions(answer);
        const std::size_t before = seen.size();
        skip += static_cast<int>(page.size());
        for (const Action& action : page) {
            if (!seen.insert(action.name).second) continue;
            const auto mark = action.mark();
            if (!mark || mark->project != request.project) continue;
            const auto identity = sdk::parse_identity(mark->fd);
            // A host has no regions: the one that a deployment was listed for is in its identity.
            if (!identity || identity->realm != request.realm || identity->region != request.region) continue;
            deployments.push_back(to_deployment(action, whisk, *mark, *identity));
        }
        // A host may give fewer than were asked for, or take no notice of `skip`.
        if (seen.size() == before) co_return deployments;
    }
}

Task<void> OpenWhiskDeployer::remove(const RemoveRequest& request, StageContext& context) {
    Task<Whisk> opening = cloud_.session(request.settings, request.identity.realm, context);
    const Whisk whisk = co_await std::move(opening);
    Task<std::optional<Action>> looking = look(whisk, request.cloud_name, context);
    const std::optional<Action> found = co_await std::move(looking);
    if (!found) co_return;
    const auto mark = found->mark();
    if (!mark || mark->fd != request.identity.str())
        throw Error(ErrorKind::conflict, described(request.cloud_name) + " on " + whisk.base.host +
                                             " is not this deployment's: it stays")
            .hint("delete it yourself if it is not needed");
    Task<Outcome> deleting =
        cloud_.attempt(whisk, openwhisk::delete_action(whisk.name_space, request.cloud_name), context);
    unless_absent(co_await std::move(deleting));
}

Task<void> OpenWhiskDeployer::remove_shared(const ListRequest&, StageContext&) {
    co_return; // nothing is shared on a host
}

Task<std::vector<LogLine>> OpenWhiskDeployer::logs(const LogsRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    Task<Whisk> opening = cloud_.session(request.settings, deployment.identity.realm, context);
    const Whisk whisk = co_await std::move(opening);
    std::vector<openwhisk::Activation> activations;
    for (int skip = 0; skip < request.limit;) {
        ApiCall call = openwhisk::list_activations(whisk.name_space, deployment.cloud_name, request.since,
                                                   openwhisk::page_size, skip);
        Task<json::value> listing = cloud_.send_json(whisk, std::move(call), context);
        const json::value answer = co_await std::move(listing);
        const auto* page = answer.if_array();
        if (!page || page->empty()) break;
        skip += static_cast<int>(page->size());
        for (const json::value& one : *page)
            activations.push_back(openwhisk::read_activation(one));
    }
    std::vector<LogLine> lines;
    // The host lists the newest first.
    for (auto activation = activations.rbegin(); activation != activations.rend(); ++activation)
        for (const std::string& line : activation->logs)
            lines.push_back(openwhisk::read_log_line(line, activation->start));
    if (static_cast<int>(lines.size()) > request.limit)
        lines.erase(lines.begin(), lines.end() - request.limit);
    co_return lines;
}

} // namespace pyfops::ibm
