// SPDX-License-Identifier: Apache-2.0
#include "api.hpp"
#include "client.hpp"
#include "stages.hpp"

#include <pyfops/crypto.hpp>
#include <pyfops/sdk/poll.hpp>
#include <pyfops/sdk/rest.hpp>
#include <pyfops/sdk/target_rules.hpp>

#include <boost/json/serialize.hpp>

#include <utility>

namespace acme {

using namespace pyfops;

namespace {

using Document = std::optional<json::object>;

OwnershipMark mark_of(const json::object& document) {
    return {string_or(document, "project"), string_or(document, "fd"), string_or(document, "hash")};
}

std::string probe_key_of(const json::object& document) {
    const json::value* variables = find(document, "environment");
    return variables ? string_or(*variables, sdk::probe_key_variable) : std::string();
}

Deployment deployment_from(const json::object& document, const FdIdentity& identity, const Endpoint& where) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.mark = mark_of(document);
    deployment.cloud_name = string_or(document, "name");
    deployment.memory_mb = static_cast<int>(integer_or(document, "memory"));
    deployment.timeout_seconds = static_cast<int>(integer_or(document, "timeout"));
    deployment.runtime = "py-3.11";
    deployment.probe_key = Secret(probe_key_of(document));
    Url link = where.url;
    link.target = function_path(identity.region, deployment.cloud_name) + "/invocations";
    deployment.link = link.str();
    return deployment;
}

Task<Document> look(std::string path, StageContext& context) {
    auto getting = send({"acme:Get", "GET", std::move(path)}, context);
    const HttpResponse response = co_await std::move(getting);
    if (response.status == 404) co_return std::nullopt;
    const json::value body = sdk::json_body(response, "acme:Get");
    if (!body.is_object() || string_or(body, "name").empty())
        throw Error(ErrorKind::unavailable, "Acme does not answer with a function")
            .hint("check ACME_ENDPOINT");
    co_return body.get_object();
}

Task<sdk::Polled<Document>> ask(const std::string& path, StageContext& context) {
    auto looking = look(path, context);
    Document found = co_await std::move(looking);
    sdk::Polled<Document> answer;
    answer.state = found ? string_or(*found, "state") : "gone";
    if (answer.state != "pending" && answer.state != "deleting") answer.ready = std::move(found);
    co_return answer;
}

/// The function when nothing happens to it any more; none when there is none.
Task<Document> settled(std::string path, StageContext& context) {
    std::function<Task<sdk::Polled<Document>>()> question = [&path, &context] { return ask(path, context); };
    auto polling = sdk::poll<Document>(context, Stage::deploy, "the function", {.first = Milliseconds(100)},
                                       std::move(question));
    co_return co_await std::move(polling);
}

void require_ours(const json::object& document, const FdIdentity& identity) {
    if (mark_of(document).fd != identity.str())
        throw Error(ErrorKind::conflict,
                    "the function " + string_or(document, "name") + " at Acme belongs to something else")
            .hint("rename the function or the project, or delete it yourself");
}

/// What is wanted, as the API takes it.
json::object wanted(const DeployRequest& request, const Document& before) {
    json::object environment;
    for (const auto& [name, value] : request.environment)
        environment[name] = value;
    for (const auto& [name, value] : request.secrets)
        environment[name] = value.expose();
    const std::string known = before ? probe_key_of(*before) : std::string();
    environment[sdk::probe_key_variable] = known.empty() ? base64url(random_bytes(24)) : known;
    return {{"name", request.target.cloud_name},         {"memory", request.target.memory_mb},
            {"timeout", request.target.timeout_seconds}, {"environment", std::move(environment)},
            {"project", request.mark.project},           {"fd", request.mark.fd},
            {"hash", request.mark.content_hash}};
}

bool holds(const json::object& document, const json::object& members) {
    for (const auto& [name, value] : members)
        if (const json::value* there = find(document, name); !there || *there != value) return false;
    return true;
}

/// Waits until the change is in force. A function that failed is kept, for the next deployment to replace.
Task<json::object> in_force(std::string path, StageContext& context) {
    auto waiting = settled(std::move(path), context);
    Document now = co_await std::move(waiting);
    if (!now)
        throw Error(ErrorKind::conflict, "somebody removed the function meanwhile").hint("deploy it again");
    if (string_or(*now, "state") == "failed")
        throw Error(ErrorKind::unavailable, "Acme could not activate the function")
            .provider(200, "failed", string_or(*now, "reason"))
            .hint("deploy it again");
    co_return std::move(*now);
}

} // namespace

Task<Deployment> AcmeDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Target& target = request.target;
    const Endpoint where = endpoint(context);
    const std::string path = function_path(target.identity.region, target.cloud_name);
    const std::string code = hex(request.package.archive_sha256);
    const SteadyTime start = context.host.clock.steady_now();
    for (int attempt = 0; attempt < 3; ++attempt) {
        auto looking = settled(path, context);
        const Document before = co_await std::move(looking);
        if (before) require_ours(*before, target.identity);
        json::object document = wanted(request, before);
        const bool works = before && string_or(*before, "state") == "ready";
        const bool same_code = works && string_or(*before, "code") == code;
        if (same_code && holds(*before, document)) co_return deployment_from(*before, target.identity, where);

        if (!same_code) document["zip"] = base64(request.package.archive.view());
        Call call{same_code ? "acme:Patch" : "acme:Put", same_code ? "PATCH" : "PUT", path,
                  json::serialize(document)};
        call.create_only = !before;
        bool taken =
            false; // by a request of ours whose answer was lost, or by somebody else: looked at again
        try {
            auto writing = send(std::move(call), context);
            const HttpResponse response = co_await std::move(writing);
            taken = response.status == 404;
        } catch (const Error& failure) {
            if (failure.kind() != ErrorKind::conflict) throw;
            taken = true;
        }
        if (taken) continue;
        const SteadyTime uploaded = context.host.clock.steady_now();
        auto waiting = in_force(path, context);
        const json::object now = co_await std::move(waiting);
        Deployment deployment = deployment_from(now, target.identity, where);
        deployment.action = before ? DeployAction::updated : DeployAction::created;
        deployment.times.upload = std::chrono::duration_cast<Milliseconds>(uploaded - start);
        deployment.times.total =
            std::chrono::duration_cast<Milliseconds>(context.host.clock.steady_now() - start);
        deployment.times.activation = deployment.times.total - deployment.times.upload;
        co_return deployment;
    }
    throw Error(ErrorKind::conflict, "somebody else changes the function " + target.cloud_name + " as well")
        .hint("run the command again");
}

Task<Deployment> AcmeDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    const std::string path = function_path(known.identity.region, known.cloud_name);
    const Endpoint where = endpoint(context);
    auto looking = settled(path, context);
    const Document before = co_await std::move(looking);
    if (!before)
        throw Error(ErrorKind::not_found, "the function is not deployed any more").hint("deploy it again");
    require_ours(*before, known.identity);
    json::object change;
    if (request.memory_mb) change["memory"] = *request.memory_mb;
    if (request.timeout_seconds) change["timeout"] = *request.timeout_seconds;
    const bool same = holds(*before, change);
    if (!same) {
        auto patching = send({"acme:Patch", "PATCH", path, json::serialize(change)}, context);
        co_await std::move(patching);
    }
    auto waiting = in_force(path, context);
    const json::object now = co_await std::move(waiting);
    Deployment deployment = deployment_from(now, known.identity, where);
    deployment.action = same ? DeployAction::unchanged : DeployAction::updated;
    co_return deployment;
}

Task<std::optional<Deployment>> AcmeDeployer::find(const FindRequest& request, StageContext& context) {
    const Endpoint where = endpoint(context);
    auto looking = look(function_path(request.identity.region, request.cloud_name), context);
    const Document found = co_await std::move(looking);
    if (!found || string_or(*found, "state") == "deleting" || mark_of(*found).fd != request.identity.str())
        co_return std::nullopt;
    co_return deployment_from(*found, request.identity, where);
}

Task<std::vector<Deployment>> AcmeDeployer::list(const ListRequest& request, StageContext& context) {
    const Endpoint where = endpoint(context);
    std::vector<Deployment> ours;
    std::string next;
    do {
        const std::string query = next.empty() ? "" : "?after=" + percent_encode(next);
        auto getting = send({"acme:List", "GET", functions_path(request.region) + query}, context);
        const HttpResponse response = co_await std::move(getting);
        const json::value answer = sdk::json_body(response, "acme:List");
        const json::value* all = pyfops::find(answer, "functions");
        if (!all || !all->is_array())
            throw Error(ErrorKind::unavailable, "Acme does not answer with functions")
                .hint("check ACME_ENDPOINT");
        for (const json::value& one : all->get_array()) {
            if (!one.is_object() || string_or(one, "state") == "deleting") continue;
            const OwnershipMark mark = mark_of(one.get_object());
            const auto identity = sdk::parse_identity(mark.fd);
            if (mark.project == request.project && identity && identity->realm == request.realm)
                ours.push_back(deployment_from(one.get_object(), *identity, where));
        }
        next = string_or(answer, "next");
    } while (!next.empty());
    co_return ours;
}

Task<void> AcmeDeployer::remove(const RemoveRequest& request, StageContext& context) {
    const std::string path = function_path(request.identity.region, request.cloud_name);
    auto looking = look(path, context);
    const Document found = co_await std::move(looking);
    if (!found) co_return;
    require_ours(*found, request.identity);
    if (string_or(*found, "state") != "deleting") {
        auto deleting = send({"acme:Delete", "DELETE", path}, context);
        co_await std::move(deleting);
    }
    auto waiting = settled(path, context);
    co_await std::move(waiting);
}

Task<void> AcmeDeployer::remove_shared(const ListRequest&, StageContext&) {
    co_return; // deployments at Acme share nothing
}

Task<std::vector<LogLine>> AcmeDeployer::logs(const LogsRequest& request, StageContext& context) {
    const auto since = std::chrono::duration_cast<Milliseconds>(request.since.time_since_epoch()).count();
    const FdIdentity& identity = request.deployment.identity;
    auto getting = send({"acme:Logs", "GET",
                         function_path(identity.region, request.deployment.cloud_name) + "/logs?since=" +
                             std::to_string(since) + "&limit=" + std::to_string(request.limit)},
                        context);
    const HttpResponse response = co_await std::move(getting);
    std::vector<LogLine> lines;
    if (response.status == 404) co_return lines;
    const json::value answer = sdk::json_body(response, "acme:Logs");
    if (const json::value* all = pyfops::find(answer, "lines"); all && all->is_array())
        for (const json::value& line : all->get_array())
            lines.push_back({SystemTime(Milliseconds(integer_or(line, "time"))), string_or(line, "text")});
    co_return lines;
}

} // namespace acme
