// SPDX-License-Identifier: Apache-2.0
// The verbs beside `deploy` (deploy.cpp).
#include "deployer.hpp"

#include "cpu.hpp"
#include "marks.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "sls.hpp"

#include <algorithm>

namespace pyfops::alibaba {

Task<std::map<std::string, fc::Tags>>
AlibabaDeployer::tags_of_all(const Session& session, std::vector<std::string> arns, StageContext& context) {
    std::map<std::string, fc::Tags> all;
    std::string token;
    do {
        Task<Outcome> asking = cloud_.attempt(session, fc::list_tags(arns, token), context);
        const Outcome answer = unless_absent(co_await std::move(asking)); // gone meanwhile
        if (!answer.ok()) break;
        const fc::TagPage page = fc::read_tags(sdk::json_body(answer.value(), "fc:ListTagResources"));
        for (const auto& [arn, tags] : page.by_arn)
            all[arn].insert(tags.begin(), tags.end());
        token = page.next_token;
    } while (!token.empty());
    co_return all;
}

Task<Deployment> AlibabaDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    Task<Session> opening =
        cloud_.session(request.settings, known.identity.region, context, known.identity.realm);
    const Session session = co_await std::move(opening);
    Task<std::optional<fc::Function>> looking = look(session, known.cloud_name, context);
    const std::optional<fc::Function> current = co_await std::move(looking);
    if (!current)
        throw Error(ErrorKind::not_found, "the function '" + known.cloud_name + "' is not there any more")
            .hint("deploy it again");
    require_mark(*current, known.identity);
    fc::Configuration change;
    if (request.memory_mb && *request.memory_mb != current->memory) {
        change.memory = *request.memory_mb;
        change.cpu_hundredths = cpu_hundredths(*request.memory_mb, gigabytes_per_vcpu(session.settings.cpu));
    }
    if (request.timeout_seconds && *request.timeout_seconds != current->timeout)
        change.timeout = *request.timeout_seconds;
    if (!change.empty()) {
        ApiCall call = fc::update_function(known.cloud_name, change, nullptr);
        Task<void> writing = write(session, known.cloud_name, std::move(call), context);
        co_await std::move(writing);
    }
    Task<fc::Function> waiting = wait_ready(session, known.cloud_name, context);
    const fc::Function now = co_await std::move(waiting);
    Deployment deployment = known;
    deployment.memory_mb = now.memory;
    deployment.timeout_seconds = now.timeout;
    deployment.action = change.empty() ? DeployAction::unchanged : DeployAction::updated;
    deployment.details["vcpus"] = now.cpu_hundredths / 100.0;
    co_return deployment;
}

Task<std::optional<Deployment>> AlibabaDeployer::find(const FindRequest& request, StageContext& context) {
    Task<Session> opening =
        cloud_.session(request.settings, request.identity.region, context, request.identity.realm);
    const Session session = co_await std::move(opening);
    Task<std::optional<fc::Function>> looking = look(session, request.cloud_name, context);
    const std::optional<fc::Function> found = co_await std::move(looking);
    if (!found) co_return std::nullopt;
    const auto mark = read_mark(found->tags);
    if (!mark || mark->fd != request.identity.str()) co_return std::nullopt;
    Task<std::string> asking = url_of_trigger(session, request.cloud_name, context);
    const std::string url = co_await std::move(asking);
    co_return to_deployment(*found, *mark, request.identity, url);
}

Task<std::vector<Deployment>> AlibabaDeployer::list(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    // Every name begins with the project's (cloud_name keeps the beginning when it cuts).
    const std::string prefix = (request.project + "-").substr(0, info_.limits.name_length - 9);
    std::vector<Deployment> deployments;
    std::string token;
    do {
        Task<json::value> listing = cloud_.send_json(session, fc::list_functions(prefix, token), context);
        const json::value answer = co_await std::move(listing);
        fc::Page page = fc::read_page(answer);
        std::vector<std::string> untagged;
        for (const fc::Function& function : page.functions)
            if (function.tags.empty()) untagged.push_back(function.arn);
        std::map<std::string, fc::Tags> tags;
        if (!untagged.empty()) {
            Task<std::map<std::string, fc::Tags>> asking = tags_of_all(session, std::move(untagged), context);
            tags = co_await std::move(asking);
        }
        for (fc::Function& function : page.functions) {
            if (function.tags.empty()) function.tags = tags[function.arn];
            const auto mark = read_mark(function.tags);
            if (!mark || mark->project != request.project) continue;
            const auto identity = sdk::parse_identity(mark->fd);
            if (!identity || identity->realm != request.realm) continue;
            Task<std::string> asking = url_of_trigger(session, function.name, context);
            const std::string url = co_await std::move(asking);
            deployments.push_back(to_deployment(function, *mark, *identity, url));
        }
        token = page.next_token;
    } while (!token.empty());
    co_return deployments;
}

Task<void> AlibabaDeployer::remove(const RemoveRequest& request, StageContext& context) {
    Task<Session> opening =
        cloud_.session(request.settings, request.identity.region, context, request.identity.realm);
    const Session session = co_await std::move(opening);
    const std::string& name = request.cloud_name;
    Task<std::optional<fc::Function>> looking = look(session, name, context);
    const std::optional<fc::Function> found = co_await std::move(looking);
    if (found) {
        const auto mark = read_mark(found->tags);
        if (!mark || mark->fd != request.identity.str())
            throw Error(ErrorKind::conflict, "the function '" + name + "' in " + request.identity.region +
                                                 " is not this deployment's: it stays")
                .hint("delete it yourself if it is not needed");
        Task<void> clearing = remove_triggers(session, name, context);
        co_await std::move(clearing);
        Task<Outcome> deleting = cloud_.attempt(session, fc::delete_function(name), context);
        unless_absent(co_await std::move(deleting));
    }
    // Without a function, one is left of a creation that was stopped.
    Task<void> discarding = shared_.discard_all(session, request.identity, context);
    co_await std::move(discarding);
}

Task<void> AlibabaDeployer::remove_shared(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    if (!session.settings.bucket.empty()) co_return;
    Task<void> emptying = shared_.remove_bucket(session, request.project, context);
    co_await std::move(emptying);
}

Task<std::vector<LogLine>> AlibabaDeployer::logs(const LogsRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    Task<Session> opening =
        cloud_.session(request.settings, deployment.identity.region, context, deployment.identity.realm);
    const Session session = co_await std::move(opening);
    const Settings& settings = session.settings;
    if (!settings.has_logs())
        throw Error(ErrorKind::invalid_input, "Function Compute keeps no logs of '" + deployment.cloud_name +
                                                  "' by itself: it writes them to a Logstore")
            .hint(
                "set providers.alibaba.log_project and log_store and deploy again; 'pyfops invoke' shows the "
                "end of each call's log without them");
    std::vector<LogLine> lines;
    // A machine whose clock is somewhat behind still sees what has just happened.
    const SystemTime until =
        std::max(context.host.clock.system_now(), request.since) + std::chrono::minutes(1);
    constexpr int most_repeats = 5;
    for (int offset = 0, repeats = 0; static_cast<int>(lines.size()) < request.limit;) {
        const int wanted = std::min(request.limit - static_cast<int>(lines.size()), sls::page_lines);
        ApiCall call = sls::get_logs(settings.log_project, settings.log_store, deployment.cloud_name,
                                     request.since, until, offset, wanted);
        Task<HttpResponse> asking = cloud_.send(session, std::move(call), context);
        const HttpResponse answer = co_await std::move(asking);
        int received = 0;
        sls::Page page = sls::read_page(answer, deployment.cloud_name, received);
        if (!page.complete && repeats < most_repeats) { // the index is not through yet
            ++repeats;
            Task<void> pause = context.host.clock.sleep(Milliseconds(300));
            co_await std::move(pause);
            continue;
        }
        std::move(page.lines.begin(), page.lines.end(), std::back_inserter(lines));
        offset += received;
        if (received == 0) break;
    }
    std::reverse(lines.begin(), lines.end()); // the newest came first
    co_return lines;
}

} // namespace pyfops::alibaba
