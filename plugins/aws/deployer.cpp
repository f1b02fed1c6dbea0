// SPDX-License-Identifier: Apache-2.0
// The verbs beside `deploy` (deploy.cpp).
#include "deployer.hpp"

#include "logs.hpp"
#include "marks.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"

#include <algorithm>

namespace pyfops::aws {

Task<std::string> AwsDeployer::ensure_url(Work& work, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(work.session, lambda::get_url(work.name), context);
    Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::not_found)) {
        Task<Outcome> creating = cloud_.attempt(work.session, lambda::create_url(work.name), context);
        found = co_await std::move(creating);
        work.wrote = true;
        if (found.failure && already_exists(*found.failure)) {
            Task<Outcome> again = cloud_.attempt(work.session, lambda::get_url(work.name), context);
            found = co_await std::move(again);
        }
    }
    const std::string url =
        string_or(sdk::json_body(found.value(), "lambda:GetFunctionUrlConfig"), "FunctionUrl");
    Task<Outcome> reading = cloud_.attempt(work.session, lambda::get_policy(work.name), context);
    const Outcome policy = unless_absent(co_await std::move(reading));
    std::vector<std::string> present;
    if (policy.ok()) present = lambda::read_statement_ids(sdk::json_body(policy.value(), "lambda:GetPolicy"));
    for (const lambda::Statement& statement : lambda::public_statements()) {
        if (std::find(present.begin(), present.end(), statement.id) != present.end()) continue;
        Task<Outcome> adding =
            cloud_.attempt(work.session, lambda::add_permission(work.name, statement), context);
        const Outcome added = co_await std::move(adding);
        if (added.failure && !already_exists(*added.failure)) throw *added.failure;
        work.wrote = true;
    }
    co_return url;
}

Task<void> AwsDeployer::remove_url(Work& work, StageContext& context) {
    Task<Outcome> deleting = cloud_.attempt(work.session, lambda::delete_url(work.name), context);
    unless_absent(co_await std::move(deleting));
    for (const lambda::Statement& statement : lambda::public_statements()) {
        Task<Outcome> removing =
            cloud_.attempt(work.session, lambda::remove_permission(work.name, statement.id), context);
        unless_absent(co_await std::move(removing));
    }
    Task<std::optional<lambda::Function>> looking = look(work.session, work.name, context);
    const std::optional<lambda::Function> current = co_await std::move(looking);
    if (current) {
        Task<HttpResponse> untagging =
            cloud_.send(work.session, lambda::untag_resource(current->arn, {tag::url}), context);
        co_await std::move(untagging);
    }
    work.wrote = true;
}

Task<Deployment> AwsDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    Task<Session> opening =
        cloud_.session(request.settings, known.identity.region, context, known.identity.realm);
    const Session session = co_await std::move(opening);
    Task<std::optional<lambda::Function>> looking = look(session, known.cloud_name, context);
    const std::optional<lambda::Function> found = co_await std::move(looking);
    if (!found)
        throw Error(ErrorKind::not_found, "the function '" + known.cloud_name + "' does not exist any more")
            .hint("deploy it first");
    if (const auto mark = read_mark(found->tags); !mark || mark->fd != known.identity.str())
        throw Error(ErrorKind::conflict, "the function '" + known.cloud_name + "' in " +
                                             known.identity.region +
                                             " is not this deployment's: it stays as it is");
    lambda::ConfigurationChange change;
    if (request.memory_mb && *request.memory_mb != found->memory) change.memory = *request.memory_mb;
    if (request.timeout_seconds && *request.timeout_seconds != found->timeout)
        change.timeout = *request.timeout_seconds;
    if (!change.empty()) {
        Task<void> writing =
            write(session, known.cloud_name, lambda::update_configuration(known.cloud_name, change), context);
        co_await std::move(writing);
    }
    Task<lambda::Function> waiting = wait_ready(session, known.cloud_name, context);
    const lambda::Function now = co_await std::move(waiting);
    Deployment deployment = known;
    deployment.memory_mb = now.memory;
    deployment.timeout_seconds = now.timeout;
    deployment.action = change.empty() ? DeployAction::unchanged : DeployAction::updated;
    deployment.details["revision"] = now.revision;
    co_return deployment;
}

Task<std::optional<Deployment>> AwsDeployer::find(const FindRequest& request, StageContext& context) {
    Task<Session> opening =
        cloud_.session(request.settings, request.identity.region, context, request.identity.realm);
    const Session session = co_await std::move(opening);
    Task<std::optional<lambda::Function>> looking = look(session, request.cloud_name, context);
    const std::optional<lambda::Function> found = co_await std::move(looking);
    if (!found) co_return std::nullopt;
    const auto mark = read_mark(found->tags);
    if (!mark || mark->fd != request.identity.str()) co_return std::nullopt;
    Deployment deployment = to_deployment(*found, *mark, request.identity);
    if (found->tags.contains(tag::url) || session.settings.url) {
        Task<Outcome> asking = cloud_.attempt(session, lambda::get_url(request.cloud_name), context);
        const Outcome url = unless_absent(co_await std::move(asking));
        if (url.ok())
            deployment.url =
                string_or(sdk::json_body(url.value(), "lambda:GetFunctionUrlConfig"), "FunctionUrl");
    }
    co_return deployment;
}

Task<std::vector<Deployment>> AwsDeployer::list(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    // Every name begins with the project's (cloud_name keeps the beginning when it cuts): the others need no
    // question about their tags.
    const std::string prefix = (request.project + "-").substr(0, info_.limits.name_length - 9);
    std::vector<Deployment> deployments;
    std::string marker;
    do {
        Task<json::value> listing = cloud_.send_json(session, lambda::list_functions(marker), context);
        const json::value answer = co_await std::move(listing);
        lambda::Page page = lambda::read_page(answer);
        for (const lambda::Function& function : page.functions) {
            if (!function.name.starts_with(prefix)) continue;
            Task<Outcome> asking = cloud_.attempt(session, lambda::list_tags(function.arn), context);
            const Outcome tags = unless_absent(co_await std::move(asking)); // gone meanwhile
            if (!tags.ok()) continue;
            const auto mark = read_mark(lambda::read_tags(sdk::json_body(tags.value(), "lambda:ListTags")));
            if (!mark || mark->project != request.project) continue;
            const auto identity = sdk::parse_identity(mark->fd);
            if (!identity || identity->realm != request.realm) continue;
            deployments.push_back(to_deployment(function, *mark, *identity));
        }
        marker = page.next_marker;
    } while (!marker.empty());
    co_return deployments;
}

Task<void> AwsDeployer::remove(const RemoveRequest& request, StageContext& context) {
    Task<Session> opening =
        cloud_.session(request.settings, request.identity.region, context, request.identity.realm);
    const Session session = co_await std::move(opening);
    const std::string& name = request.cloud_name;
    Task<std::optional<lambda::Function>> looking = look(session, name, context);
    const std::optional<lambda::Function> found = co_await std::move(looking);
    if (!found) co_return;
    const auto mark = read_mark(found->tags);
    if (!mark || mark->fd != request.identity.str())
        throw Error(ErrorKind::conflict, "the Lambda function '" + name + "' in " + request.identity.region +
                                             " is not this deployment's: it stays")
            .hint("delete it yourself if it is not needed");
    // The log group before the function: while the function is there, a run that was stopped in between is
    // repeated whole.
    Task<Outcome> clearing = cloud_.attempt(session, logs::delete_group(logs::group_of(name)), context);
    unless_absent(co_await std::move(clearing));
    Task<Outcome> deleting = cloud_.attempt(session, lambda::delete_function(name), context);
    unless_absent(co_await std::move(deleting));
}

Task<void> AwsDeployer::remove_shared(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    if (session.settings.bucket.empty()) {
        Task<void> emptying = shared_.remove_bucket(session, request.project, context);
        co_await std::move(emptying);
    }
    if (session.settings.role.empty()) {
        Task<void> removing = shared_.remove_role(session, request.project, context);
        co_await std::move(removing);
    }
}

Task<std::vector<LogLine>> AwsDeployer::logs(const LogsRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    Task<Session> opening =
        cloud_.session(request.settings, deployment.identity.region, context, deployment.identity.realm);
    const Session session = co_await std::move(opening);
    const std::string group = logs::group_of(deployment.cloud_name);
    std::vector<LogLine> lines;
    std::string token;
    do { // the oldest come first, and there is no other order
        Task<Outcome> asking =
            cloud_.attempt(session, logs::filter_events(group, request.since, token), context);
        const Outcome answer =
            unless_absent(co_await std::move(asking)); // no group until something is logged
        if (!answer.ok()) break;
        logs::Page page = logs::read_page(sdk::json_body(answer.value(), "logs:FilterLogEvents"));
        std::move(page.lines.begin(), page.lines.end(), std::back_inserter(lines));
        const auto most = static_cast<std::size_t>(request.limit);
        if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
        token = page.next_token;
    } while (!token.empty());
    co_return lines;
}

} // namespace pyfops::aws
