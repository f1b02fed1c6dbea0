// SPDX-License-Identifier: Apache-2.0
// A package goes up and is waited for until Azure lists its function.
#include "deployer.hpp"

#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/text.hpp"
#include "scm.hpp"
#include "storage.hpp"

#include <algorithm>

namespace pyfops::azure {
namespace {

constexpr Milliseconds busy_patience = std::chrono::minutes(5);
constexpr auto link_life = std::chrono::hours(24 * 3650);
constexpr auto upload_life = std::chrono::hours(1);

/// The package that an app of the classic plan runs; "": none of ours.
std::string current_blob(const web::AppSettings& settings, const std::string& container) {
    const auto found = settings.find(package_variable);
    if (found == settings.end()) return {};
    const std::string address = found->second.substr(0, found->second.find('?'));
    const std::string folder = "/" + container + "/";
    const auto place = address.rfind(folder);
    return place == std::string::npos ? std::string() : address.substr(place + folder.size());
}

} // namespace

Task<Error> AzureDeployer::deployment_failure(const Session& session, const std::string& host,
                                              const std::string& id, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, scm::get_log(host, id), context);
    const Outcome log = co_await std::move(asking);
    std::string said;
    if (log.ok()) {
        const json::value lines = sdk::json_body(log.value(), "scm:GetDeploymentLog");
        said = scm::read_log(lines);
        if (const std::string link = scm::details_link(lines); !link.empty()) {
            Task<Outcome> reading = cloud_.attempt(session, scm::get_log_details(host, link), context);
            const Outcome details = co_await std::move(reading);
            if (details.ok())
                said += "; " + scm::read_log(sdk::json_body(details.value(), "scm:GetDeploymentLogDetails"));
        }
    }
    Error failure(ErrorKind::unavailable, "Azure could not deploy the package");
    failure.hint("run the command again; if it fails again, Azure's words say why");
    failure.provider(200, "DeploymentFailed", said);
    failure.repeat(Repeat::useless);
    co_return failure;
}

Task<sdk::Polled<bool>> AzureDeployer::ask_deployment(const Session& session, const std::string& host,
                                                      const std::string& id, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, scm::get_deployment(host, id), context);
    const Outcome outcome = co_await std::move(asking);
    sdk::Polled<bool> answer;
    answer.state = "not visible yet";
    if (outcome.failed_with(ErrorKind::not_found)) co_return answer;
    const scm::Status status = scm::read_status(sdk::json_body(outcome.value(), "scm:GetDeployment"));
    answer.state = scm::text_of(status);
    switch (status) {
    case scm::Status::success:
    case scm::Status::partial:
        answer.ready = true;
        break;
    case scm::Status::failed:
        answer.ready = false;
        break;
    case scm::Status::cancelled:
    case scm::Status::conflict:
        throw Error(ErrorKind::conflict, "another deployment took the place of this one")
            .hint("wait for it and run the command again");
    case scm::Status::pending:
    case scm::Status::building:
    case scm::Status::deploying:
        break;
    }
    co_return answer;
}

Task<void> AzureDeployer::publish_flex(Work& work, const web::Site& site, StageContext& context) {
    const Deadline patience = context.deadline.within(context.host.clock, busy_patience);
    const Bytes& archive = work.request.package.archive;
    Outcome taken;
    for (Milliseconds pause{1000};; pause = std::min(pause * 2, Milliseconds(15'000))) {
        context.progress(Stage::deploy, "uploading to " + site.scm_host, 0, archive.size());
        Task<Outcome> sending = cloud_.attempt(work.session, scm::publish(site.scm_host, archive), context);
        taken = co_await std::move(sending);
        // One deployment at a time: another one, perhaps our own whose answer was lost, ends first.
        if (!taken.failed_with(ErrorKind::conflict) || patience.left(context.host.clock) <= pause) break;
        Task<void> wait = context.host.clock.sleep(pause);
        co_await std::move(wait);
    }
    const std::string id = work.published = scm::read_deployment_id(taken.value());
    work.upload_ended = context.host.clock.steady_now();
    const std::string& host = site.scm_host;
    std::function<Task<sdk::Polled<bool>>()> ask = [this, &work, &host, &id, &context] {
        return ask_deployment(work.session, host, id, context);
    };
    Task<bool> waiting = sdk::poll<bool>(context, Stage::deploy, "the deployment of " + work.app,
                                         {.limit = std::chrono::minutes(10)}, std::move(ask));
    const bool good = co_await std::move(waiting);
    if (good) co_return;
    Task<Error> asking = deployment_failure(work.session, host, id, context);
    Error failure = co_await std::move(asking);
    throw failure;
}

std::string blob_name(const Package& package) {
    return hex(package.archive_sha256).substr(0, 32) + ".zip";
}

void AzureDeployer::remember_blobs(Tags& tags, const Work& work) {
    constexpr std::size_t longest = 256; // of a tag
    std::string names = value_of(tags, tag::blobs);
    for (const std::string& one :
         {current_blob(work.settings, container_name(work.app)), blob_name(work.request.package)})
        if (!one.empty() && names.find(one) == std::string::npos) names += (names.empty() ? "" : " ") + one;
    while (names.size() > longest)
        names.erase(0, names.find(' ') + 1);
    tags[tag::blobs] = names;
}

Task<void> AzureDeployer::remove_blobs(Work& work, std::set<std::string> names, StageContext& context) {
    const std::string container = container_name(work.app);
    names.erase(current_blob(work.settings, container));
    if (names.empty()) co_return;
    Task<StorageAccount> reading = shared_.account(work.session, work.request.mark.project, context);
    const StorageAccount account = co_await std::move(reading);
    const std::string host =
        storage::blob_host(account.name, std::string(work.session.endpoints.cloud->storage));
    for (const std::string& name : names) {
        const std::string target = storage::signed_target(account.name, account.key, container, name, "d",
                                                          context.host.clock.system_now() + upload_life);
        Task<Outcome> deleting = cloud_.attempt(work.session, storage::delete_blob(host, target), context);
        const Outcome deleted = co_await std::move(deleting);
        if (deleted.failure && !deleted.failed_with(ErrorKind::not_found)) throw *deleted.failure;
    }
}

Task<void> AzureDeployer::publish_classic(Work& work, const web::Site& site, StageContext& context) {
    Task<StorageAccount> reading = shared_.account(work.session, work.request.mark.project, context);
    const StorageAccount account = co_await std::move(reading);
    const std::string container = container_name(work.app);
    const std::string host =
        storage::blob_host(account.name, std::string(work.session.endpoints.cloud->storage));
    const std::string blob = work.published = blob_name(work.request.package);
    const SystemTime now = context.host.clock.system_now();
    const std::string upload =
        storage::signed_target(account.name, account.key, container, blob, "cw", now + upload_life);
    context.progress(Stage::deploy, "uploading to " + host, 0, work.request.package.archive.size());
    ApiCall put = storage::put_blob(host, upload, work.request.package.archive);
    Task<HttpResponse> sending = cloud_.send(work.session, std::move(put), context);
    co_await std::move(sending);
    work.upload_ended = context.host.clock.steady_now();
    std::set<std::string> others;
    const std::string remembered = value_of(site.tags, tag::blobs);
    for (const std::string_view name : split(remembered, ' '))
        if (!name.empty()) others.emplace(name);
    web::AppSettings wanted = work.settings;
    wanted[package_variable] =
        "https://" + host +
        storage::signed_target(account.name, account.key, container, blob, "r", now + link_life);
    Task<void> writing = write_settings(work, std::move(wanted), context);
    co_await std::move(writing);
    Task<void> clearing = remove_blobs(work, std::move(others), context);
    co_await std::move(clearing);
}

Task<bool> AzureDeployer::is_in_force(Work& work, const web::Site& site, StageContext& context) {
    if (site.plan == Plan::consumption) {
        Task<web::AppSettings> reading = settings_of(work.session, work.group, work.app, context);
        work.settings = co_await std::move(reading);
        co_return current_blob(work.settings, container_name(work.app)) == work.published;
    }
    Task<Outcome> asking =
        cloud_.attempt(work.session, scm::get_deployment(site.scm_host, "latest"), context);
    const Outcome latest = co_await std::move(asking);
    // The deployment host may be made anew after a success; it then remembers nothing.
    if (latest.failed_with(ErrorKind::not_found)) co_return true;
    co_return scm::read_deployment_id(latest.value()) == work.published;
}

Task<sdk::Polled<bool>> AzureDeployer::ask_function(Work& work, const std::string& folder,
                                                    StageContext& context) {
    sdk::Polled<bool> answer;
    answer.state = "not listed yet";
    ApiCall question = web::list_functions(work.group, work.app);
    for (;;) {
        Task<json::value> listing = cloud_.send_json(work.session, question, context);
        const json::value page = co_await std::move(listing);
        const std::vector<std::string> names = web::read_function_names(page);
        if (std::find(names.begin(), names.end(), folder) != names.end()) answer.ready = true;
        const std::string next = web::next_link(page);
        if (answer.ready || next.empty()) co_return answer;
        question = web::next_page(question.operation, next);
    }
}

Task<void> AzureDeployer::wait_for_function(Work& work, StageContext& context) {
    Task<HttpResponse> syncing = cloud_.send(work.session, web::sync_triggers(work.group, work.app), context);
    co_await std::move(syncing);
    const std::string folder = folder_name(work.request.function.name);
    std::function<Task<sdk::Polled<bool>>()> ask = [this, &work, &folder, &context] {
        return ask_function(work, folder, context);
    };
    Task<bool> waiting = sdk::poll<bool>(context, Stage::deploy, "function " + folder + " of " + work.app,
                                         {.limit = std::chrono::minutes(5)}, std::move(ask));
    co_await std::move(waiting);
}

Task<void> AzureDeployer::publish(Work& work, const web::Site& site, StageContext& context) {
    const SteadyTime start = context.host.clock.steady_now();
    work.wrote = true;
    Task<void> sending =
        site.plan == Plan::flex ? publish_flex(work, site, context) : publish_classic(work, site, context);
    co_await std::move(sending);
    work.times.upload += std::chrono::duration_cast<Milliseconds>(work.upload_ended - start);
    Task<void> waiting = wait_for_function(work, context);
    co_await std::move(waiting);
}

} // namespace pyfops::azure
