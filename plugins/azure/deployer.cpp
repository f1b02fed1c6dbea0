// SPDX-License-Identifier: Apache-2.0
// The verbs beside `deploy` (deploy.cpp).
#include "deployer.hpp"

#include "insights.hpp"
#include "marks.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "resources.hpp"
#include "storage.hpp"

#include <boost/json.hpp>

namespace pyfops::azure {
namespace {

void require_its_own(const web::Site& site, const FdIdentity& identity) {
    if (find_mark(site.tags, identity)) return;
    throw Error(ErrorKind::conflict, "the function app '" + site.name + "' in " + identity.region +
                                         " is not this deployment's: it stays")
        .hint("delete it yourself if it is not needed");
}

} // namespace

Task<Deployment> AzureDeployer::configure(const ConfigureRequest& request, StageContext& context) {
    const Deployment& known = request.deployment;
    const FdIdentity& identity = known.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    const Session session = co_await std::move(opening);
    const std::string group = SharedResources::group_path(session, identity.project);
    const std::string app = app_name(known.cloud_name, session.subscription, session.region);
    Task<std::optional<web::Site>> looking = look(session, group, app, context);
    std::optional<web::Site> site = co_await std::move(looking);
    if (!site) throw Error(ErrorKind::not_found, "the function app '" + app + "' does not exist any more");
    require_its_own(*site, identity);
    bool changed = false;
    const int memory = request.memory_mb.value_or(site->memory_mb);
    if (memory != site->memory_mb) {
        if (site->plan != Plan::flex)
            throw Error(ErrorKind::limit_exceeded, "the Consumption plan of Azure has one memory size only")
                .hint("use plan: flex");
        json::object config = site->function_app_config;
        config["scaleAndConcurrency"].as_object()["instanceMemoryMB"] = memory;
        Task<json::value> patching =
            cloud_.complete(session, web::put_config(group, *site, config), "function app " + app, context);
        co_await std::move(patching);
        changed = true;
    }
    Task<web::AppSettings> reading = settings_of(session, group, app, context);
    const web::AppSettings before = co_await std::move(reading);
    web::AppSettings settings = before;
    settings[memory_variable] = std::to_string(memory);
    if (request.timeout_seconds) settings[timeout_variable] = to_time_span(*request.timeout_seconds);
    if (settings != before) {
        Task<Outcome> writing = cloud_.attempt(session, web::put_settings(group, app, settings), context);
        const Outcome written = co_await std::move(writing);
        if (written.failed_with(ErrorKind::invalid_input) && request.timeout_seconds)
            throw Error(*written.failure)
                .hint("change the timeout in the project and deploy again: the package has it");
        written.value();
        changed = true;
    }
    if (changed) {
        Task<std::optional<web::Site>> again = look(session, group, app, context);
        site = co_await std::move(again);
        if (!site) throw Error(ErrorKind::not_found, "the function app '" + app + "' was removed meanwhile");
    }
    Deployment deployment = to_deployment(session, *site, settings, known.mark, identity);
    deployment.action = changed ? DeployAction::updated : DeployAction::unchanged;
    co_return deployment;
}

Task<std::optional<Deployment>> AzureDeployer::find(const FindRequest& request, StageContext& context) {
    const FdIdentity& identity = request.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    const Session session = co_await std::move(opening);
    const std::string group = SharedResources::group_path(session, identity.project);
    const std::string app = app_name(request.cloud_name, session.subscription, session.region);
    Task<std::optional<web::Site>> looking = look(session, group, app, context);
    const std::optional<web::Site> site = co_await std::move(looking);
    if (!site) co_return std::nullopt;
    const auto mark = find_mark(site->tags, identity);
    if (!mark) co_return std::nullopt;
    Task<web::AppSettings> reading = settings_of(session, group, app, context);
    const web::AppSettings settings = co_await std::move(reading);
    co_return to_deployment(session, *site, settings, *mark, identity);
}

Task<std::vector<Deployment>> AzureDeployer::list(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    const std::string group = SharedResources::group_path(session, request.project);
    std::vector<Deployment> deployments;
    ApiCall question = web::list_sites(group);
    for (;;) {
        Task<Outcome> asking = cloud_.attempt(session, question, context);
        const Outcome page = unless_absent(co_await std::move(asking)); // no group, no apps
        if (!page.ok()) break;
        const json::value answer = sdk::json_body(page.value(), question.operation);
        const json::value* all = pyfops::find(answer, "value");
        for (const json::value& one : all && all->is_array() ? all->get_array() : json::array()) {
            const web::Site site = web::read_site(one);
            if (!belongs_to(site.tags, request.project) || site.location != request.region) continue;
            Task<Outcome> reading = cloud_.attempt(session, web::list_settings(group, site.name), context);
            const Outcome settings = unless_absent(co_await std::move(reading)); // gone meanwhile
            if (!settings.ok()) continue;
            const web::AppSettings variables =
                web::read_settings(sdk::json_body(settings.value(), "web:ListSettings"));
            for (const OwnershipMark& mark : read_marks(site.tags))
                if (const auto identity = sdk::parse_identity(mark.fd);
                    identity && identity->realm == request.realm)
                    deployments.push_back(to_deployment(session, site, variables, mark, *identity));
        }
        const std::string next = web::next_link(answer);
        if (next.empty()) break;
        question = web::next_page(question.operation, next);
    }
    co_return deployments;
}

Task<void> AzureDeployer::remove_plan(const Session& session, const std::string& group,
                                      const RemoveRequest& request, const std::string& app,
                                      StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, web::get_plan(group, app), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) co_return;
    const Tags tags = resources::read_tags(sdk::json_body(found.value(), "web:GetPlan"));
    if (!belongs_to(tags, request.identity.project)) co_return;
    Task<Outcome> deleting = cloud_.attempt(session, web::delete_plan(group, app), context);
    unless_absent(co_await std::move(deleting));
}

Task<void> AzureDeployer::remove_packages(const Session& session, const std::string& group,
                                          const std::string& project, const std::string& app,
                                          StageContext& context) {
    const std::string account = SharedResources::storage_account(session, project);
    const std::string container = container_name(app);
    Task<Outcome> asking =
        cloud_.attempt(session, storage::get_container(group, account, container), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) co_return;
    Task<Outcome> deleting =
        cloud_.attempt(session, storage::delete_container(group, account, container), context);
    unless_absent(co_await std::move(deleting));
}

Task<void> AzureDeployer::remove_function(const Session& session, const std::string& group, web::Site site,
                                          const std::string& function, StageContext& context) {
    Task<web::AppSettings> reading = settings_of(session, group, site.name, context);
    web::AppSettings settings = co_await std::move(reading);
    std::string& disabled = settings[disabled_variable(function)];
    if (disabled != "true") {
        disabled = "true";
        Task<HttpResponse> writing =
            cloud_.send(session, web::put_settings(group, site.name, settings), context);
        co_await std::move(writing);
    }
    unmark(site.tags, function);
    ApiCall put = resources::put_tags(web::site_path(group, site.name), site.tags);
    Task<json::value> tagging = cloud_.complete(session, std::move(put), "tags of " + site.name, context);
    co_await std::move(tagging);
}

Task<void> AzureDeployer::remove(const RemoveRequest& request, StageContext& context) {
    const FdIdentity& identity = request.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    const Session session = co_await std::move(opening);
    const std::string group = SharedResources::group_path(session, identity.project);
    const std::string app = app_name(request.cloud_name, session.subscription, session.region);
    Task<std::optional<web::Site>> looking = look(session, group, app, context);
    const std::optional<web::Site> site = co_await std::move(looking);
    if (site) {
        require_its_own(*site, identity);
        if (read_marks(site->tags).size() > 1) {
            Task<void> forgetting = remove_function(session, group, *site, identity.function, context);
            co_await std::move(forgetting);
            co_return;
        }
    }
    // The packages before the app: while the app is there, a run that was stopped in between is repeated
    // whole.
    Task<void> clearing = remove_packages(session, group, identity.project, app, context);
    co_await std::move(clearing);
    if (site) {
        Task<Outcome> deleting = cloud_.attempt(session, web::delete_site(group, app), context);
        unless_absent(co_await std::move(deleting));
    }
    // Goes with its last app; one that was made before the app was is still there.
    Task<void> planning = remove_plan(session, group, request, app, context);
    co_await std::move(planning);
}

Task<void> AzureDeployer::remove_shared(const ListRequest& request, StageContext& context) {
    Task<Session> opening = cloud_.session(request.settings, request.region, context, request.realm);
    const Session session = co_await std::move(opening);
    Task<void> removing = shared_.remove(session, request.project, context);
    co_await std::move(removing);
}

Task<std::vector<LogLine>> AzureDeployer::logs(const LogsRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    const FdIdentity& identity = deployment.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    const Session session = co_await std::move(opening);
    const std::string group = SharedResources::group_path(session, identity.project);
    const std::string app = app_name(deployment.cloud_name, session.subscription, session.region);
    Task<web::AppSettings> reading = settings_of(session, group, app, context);
    const web::AppSettings settings = co_await std::move(reading);
    const auto connection = settings.find(insights_variable);
    const std::string id = connection == settings.end() ? "" : insights_app_id(connection->second);
    if (id.empty())
        throw Error(ErrorKind::not_found, "Azure keeps no logs of '" + app + "'")
            .hint("name an Application Insights resource: providers.azure.application_insights takes its "
                  "connection "
                  "string, with ApplicationId=");
    ApiCall question = insights::query(std::string(session.endpoints.cloud->insights), id, app, request.since,
                                       request.limit);
    Task<json::value> asking = cloud_.send_json(session, std::move(question), context);
    const json::value answer = co_await std::move(asking);
    co_return insights::read_lines(answer);
}

} // namespace pyfops::azure
