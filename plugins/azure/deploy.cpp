// SPDX-License-Identifier: Apache-2.0
// Create or update: look, compare, do only what is needed, wait for the end of each step. The tags that say
// what is in force go before the first change and come back after the last one.
#include "deployer.hpp"

#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "resources.hpp"
#include "storage.hpp"

#include <boost/json.hpp>

namespace pyfops::azure {
namespace {

Milliseconds since(const Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
}

Error name_taken(const std::string& app) {
    return Error(ErrorKind::conflict, "the name " + app +
                                          " belongs to a function app that is not in this "
                                          "project's resource group")
        .hint("rename the project or the function; names of apps are one set for all of Azure");
}

} // namespace

void require_ours(const web::Site& site, const FdIdentity& identity, Holds holds) {
    const std::vector<OwnershipMark> marks = read_marks(site.tags);
    if (marks.empty())
        throw Error(ErrorKind::conflict,
                    "a function app named '" + site.name + "' exists and was not made by pyfOps")
            .hint("delete it, or rename the project or the function");
    const bool several = site.tags.find(tag::fd) == site.tags.end();
    if (holds == Holds::several && several && belongs_to(site.tags, identity.project)) return;
    if (holds == Holds::one && !several && find_mark(site.tags, identity)) return;
    throw Error(ErrorKind::conflict, "the function app '" + site.name + "' belongs to another deployment (" +
                                         marks.front().fd + ")")
        .hint("rename the project or the function; if you changed providers.azure.group, run 'pyfops "
              "destroy' first");
}

Deployment to_deployment(const Session& session, const web::Site& site, const web::AppSettings& settings,
                         const OwnershipMark& mark, const FdIdentity& identity) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.cloud_name = site.name;
    deployment.link = session.endpoints.at(site.host, "/api/" + identity.function).str();
    deployment.memory_mb = site.memory_mb;
    deployment.runtime = "python" + site.python;
    deployment.mark = mark;
    if (const auto timeout = settings.find(timeout_variable); timeout != settings.end())
        deployment.timeout_seconds = from_time_span(timeout->second);
    if (const auto key = settings.find(sdk::probe_key_variable); key != settings.end())
        deployment.probe_key = Secret(key->second);
    deployment.details["state"] = site.state;
    deployment.details["host"] = site.host;
    deployment.details["plan"] = site.plan == Plan::flex ? "flex" : "consumption";
    deployment.details["project"] = mark.project;
    return deployment;
}

Task<std::optional<web::Site>> AzureDeployer::look(const Session& session, const std::string& group,
                                                   const std::string& app, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, web::get_site(group, app), context);
    const Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::not_found)) co_return std::nullopt;
    co_return web::read_site(sdk::json_body(found.value(), "web:GetSite"));
}

Task<std::optional<web::Site>> AzureDeployer::look_again(const Session& session, const std::string& group,
                                                         const std::string& app, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, web::check_name(session.subscription, app), context);
    const Outcome answer = co_await std::move(asking);
    // Nothing of ours is in a subscription that was never registered for apps.
    if (answer.failure && answer.failure->provider_code() == "MissingSubscriptionRegistration")
        co_return std::nullopt;
    // Rights on the resource group alone do not reach to the whole of Azure's names.
    const bool unknown = answer.failed_with(ErrorKind::forbidden);
    if (!unknown && web::is_name_free(sdk::json_body(answer.value(), "web:CheckName")))
        co_return std::nullopt;
    Task<std::optional<web::Site>> looking = look(session, group, app, context);
    std::optional<web::Site> site = co_await std::move(looking);
    if (!site && !unknown) throw name_taken(app);
    co_return site;
}

Task<web::AppSettings> AzureDeployer::settings_of(const Session& session, const std::string& group,
                                                  const std::string& app, StageContext& context) {
    Task<json::value> asking = cloud_.send_json(session, web::list_settings(group, app), context);
    const json::value answer = co_await std::move(asking);
    co_return web::read_settings(answer);
}

Task<void> AzureDeployer::ensure_container(Work& work, const StorageAccount& account, StageContext& context) {
    ApiCall put = storage::put_container(work.group, account.name, container_name(work.app));
    Task<HttpResponse> making = cloud_.send(work.session, std::move(put), context);
    co_await std::move(making);
}

Task<web::Site> AzureDeployer::create(Work& work, StageContext& context) {
    const Session& session = work.session;
    const Target& target = work.request.target;
    Task<StorageAccount> preparing = shared_.prepare(session, work.request.mark.project, context);
    const StorageAccount account = co_await std::move(preparing);
    Task<void> containing = ensure_container(work, account, context);
    co_await std::move(containing);
    const Holds held = holds(target);
    Tags tags = shared_tags(work.request.mark.project, session.settings);
    mark_unfinished(tags, held, work.request.mark);
    const Plan plan = session.settings.plan;
    context.progress(Stage::deploy, "creating plan " + work.app);
    Task<json::value> planning =
        cloud_.complete(session, web::put_plan(work.group, work.app, plan, session.region, tags),
                        "plan " + work.app, context);
    co_await std::move(planning);

    web::Creation creation;
    creation.region = session.region;
    creation.plan_id = web::plan_path(work.group, work.app);
    creation.plan = plan;
    creation.python = target.python;
    creation.memory_mb = target.memory_mb;
    creation.tags = tags;
    creation.container_url = "https://" +
                             storage::blob_host(account.name, std::string(session.endpoints.cloud->storage)) +
                             "/" + container_name(work.app);
    if (plan == Plan::consumption) creation.tags[tag::blobs] = blob_name(work.request.package);
    const WantedSettings wanted{work.request, session, &account, work.app, work.new_probe_key};
    work.settings = wanted_settings(wanted, {});
    context.progress(Stage::deploy, "creating function app " + work.app);
    std::optional<Error> failure;
    try {
        Task<json::value> making =
            cloud_.complete(session, web::put_site(work.group, work.app, creation, work.settings),
                            "function app " + work.app, context);
        co_await std::move(making);
    } catch (const Error& thrown) {
        failure = thrown;
    }
    if (failure && is_name_taken(*failure)) throw name_taken(work.app);
    if (failure) throw *failure;
    work.wrote = work.created = true;
    Task<std::optional<web::Site>> looking = look(session, work.group, work.app, context);
    const std::optional<web::Site> site = co_await std::move(looking);
    if (!site)
        throw Error(ErrorKind::unavailable,
                    "Azure made the function app '" + work.app + "' and does not find it")
            .hint("run the command again");
    co_return *site;
}

Task<web::Site> AzureDeployer::change(Work& work, ApiCall call, StageContext& context) {
    context.progress(Stage::deploy, "updating " + work.app);
    Task<json::value> changing =
        cloud_.complete(work.session, std::move(call), "function app " + work.app, context);
    co_await std::move(changing);
    work.wrote = true;
    Task<std::optional<web::Site>> looking = look(work.session, work.group, work.app, context);
    const std::optional<web::Site> now = co_await std::move(looking);
    if (!now) throw Error(ErrorKind::conflict, "the function app '" + work.app + "' was removed meanwhile");
    co_return *now;
}

Task<web::Site> AzureDeployer::write_tags(Work& work, web::Site current, Tags tags, StageContext& context) {
    if (tags == current.tags) co_return current;
    ApiCall put = resources::put_tags(web::site_path(work.group, work.app), tags);
    Task<json::value> tagging = cloud_.complete(work.session, std::move(put), "tags of " + work.app, context);
    co_await std::move(tagging);
    work.wrote = true;
    current.tags = std::move(tags);
    co_return current;
}

/// Another run that published after this one marks the app after it, too; unless it was faster, and the marks
/// of this one now tell of code that is gone.
Task<web::Site> AzureDeployer::unmark_if_replaced(Work& work, web::Site current, StageContext& context) {
    Task<bool> asking = is_in_force(work, current, context);
    if (co_await std::move(asking)) co_return current;
    context.host.log.warning("another run deployed to " + work.app +
                             " at the same time: the next run looks again which code is in force");
    Tags tags = current.tags;
    mark_unfinished(tags, holds(work.request.target), work.request.mark);
    tags.erase(tag::package);
    if (current.plan == Plan::consumption) {
        Task<void> clearing = remove_blobs(work, {blob_name(work.request.package)}, context);
        co_await std::move(clearing);
    }
    Task<web::Site> unmarking = write_tags(work, std::move(current), std::move(tags), context);
    co_return co_await std::move(unmarking);
}

Task<void> AzureDeployer::write_settings(Work& work, web::AppSettings wanted, StageContext& context) {
    if (wanted == work.settings) co_return;
    context.progress(Stage::deploy, "updating settings of " + work.app);
    Task<HttpResponse> writing =
        cloud_.send(work.session, web::put_settings(work.group, work.app, wanted), context);
    co_await std::move(writing);
    work.settings = std::move(wanted);
    work.wrote = true;
}

Task<web::Site> AzureDeployer::update(Work& work, web::Site current, StageContext& context) {
    const Target& target = work.request.target;
    if (current.plan != work.session.settings.plan)
        throw Error(ErrorKind::conflict,
                    "the function app '" + work.app + "' is on another plan than the project's")
            .hint("run 'pyfops destroy' first: an app cannot change from Consumption to Flex Consumption");
    const WantedSettings wanted_of{work.request, work.session, nullptr, work.app, work.new_probe_key};
    const web::AppSettings wanted = wanted_settings(wanted_of, work.settings);
    const bool same_code = value_of(current.tags, tag::package) == work.request.package.content_hash;
    const bool same_scale = current.memory_mb == target.memory_mb;
    const bool same_python = current.python == target.python;
    const auto mark = find_mark(current.tags, target.identity);
    const bool finished = mark && mark->content_hash == work.request.mark.content_hash;
    if (finished && same_code && same_scale && same_python && wanted == work.settings) co_return current;

    Tags unfinished = current.tags;
    mark_unfinished(unfinished, holds(target), work.request.mark);
    if (!same_code) {
        unfinished.erase(tag::package);
        if (current.plan == Plan::consumption) remember_blobs(unfinished, work);
    }
    Task<web::Site> beginning = write_tags(work, std::move(current), std::move(unfinished), context);
    current = co_await std::move(beginning);
    std::optional<ApiCall> call;
    if (current.plan == Plan::flex && (!same_scale || !same_python)) {
        json::object config = current.function_app_config;
        json::object scale = config["scaleAndConcurrency"].is_object()
                                 ? config["scaleAndConcurrency"].as_object()
                                 : web::scale_of(target.memory_mb);
        scale["instanceMemoryMB"] = target.memory_mb;
        config["scaleAndConcurrency"] = std::move(scale);
        config["runtime"] = {{"name", "python"}, {"version", target.python}};
        call = web::put_config(work.group, current, config);
    } else if (current.plan == Plan::consumption && !same_python) {
        call = web::patch_runtime(work.group, work.app, "Python|" + target.python);
    }
    if (call) {
        Task<web::Site> changing = change(work, std::move(*call), context);
        current = co_await std::move(changing);
    }
    Task<void> writing = write_settings(work, wanted, context);
    co_await std::move(writing);
    co_return current;
}

Task<Deployment> AzureDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Clock& clock = context.host.clock;
    const FdIdentity identity = request.target.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    Session session = co_await std::move(opening);
    std::string group = SharedResources::group_path(session, request.mark.project);
    std::string app = app_name(request.target.cloud_name, session.subscription, session.region);
    Work work{request, std::move(session), std::move(group), std::move(app)};
    const SteadyTime start = clock.steady_now();
    work.upload_ended = start;
    work.new_probe_key = Secret(base64url(random_bytes(24)));
    Task<std::optional<web::Site>> looking = look(work.session, work.group, work.app, context);
    std::optional<web::Site> current = co_await std::move(looking);
    if (!current) { // a put would overwrite what is not seen
        Task<std::optional<web::Site>> again = look_again(work.session, work.group, work.app, context);
        current = co_await std::move(again);
    }
    if (!current) {
        Task<web::Site> creating = create(work, context);
        current = co_await std::move(creating);
    } else {
        require_ours(*current, identity, holds(request.target));
        Task<web::AppSettings> reading = settings_of(work.session, work.group, work.app, context);
        work.settings = co_await std::move(reading);
        Task<web::Site> updating = update(work, std::move(*current), context);
        current = co_await std::move(updating);
    }
    if (value_of(current->tags, tag::package) != request.package.content_hash) {
        Task<void> publishing = publish(work, *current, context);
        co_await std::move(publishing);
    }
    // Last, so that the mark says what is in force: an interrupted deployment is found unfinished.
    Tags tags = current->tags;
    for (const auto& [name, value] : shared_tags(request.mark.project, work.session.settings))
        tags[name] = value;
    mark_finished(tags, holds(request.target), request.mark, request.package.content_hash);
    tags.erase(tag::blobs);
    Task<web::Site> marking = write_tags(work, std::move(*current), std::move(tags), context);
    current = co_await std::move(marking);
    if (!work.published.empty()) {
        Task<web::Site> checking = unmark_if_replaced(work, std::move(*current), context);
        current = co_await std::move(checking);
    }
    Deployment deployment = to_deployment(work.session, *current, work.settings, request.mark, identity);
    deployment.details["subscription"] = work.session.subscription;
    deployment.action = work.created ? DeployAction::created
                        : work.wrote ? DeployAction::updated
                                     : DeployAction::unchanged;
    deployment.times = work.times;
    deployment.times.total = since(clock, start);
    deployment.times.activation = since(clock, work.upload_ended);
    co_return deployment;
}

} // namespace pyfops::azure
