// SPDX-License-Identifier: Apache-2.0
// A package goes up and is waited for until Azure lists its function.
#include "deployer.hpp"

#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "scm.hpp"
#include "storage.hpp"

#include <algorithm>

namespace pyfops::azure {
namespace {

constexpr Milliseconds busy_patience = std::chrono::minutes(5);
constexpr auto link_life = std::chrono::hours(24 * 3650);
constexpr auto upload_life = std::chrono::hours(1);

/// "/container/blob" of an address with a signature; "" for what is none of `host`.
std::string path_at(const std::string& address, const std::string& host) {
    const std::string start = "https://" + host + "/";
    if (!address.starts_with(start)) return {};
    const std::string path = address.substr(start.size() - 1);
    return path.substr(0, path.find('?'));
}

} // namespace

Task<Error> AzureDeployer::deployment_failure(const Session& session, const std::string& host,
                                              const std::string& id, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, scm::get_log(host, id), context);
    const Outcome log = co_await std::move(asking);
    std::string said;
    if (log.ok()) said = scm::read_log(sdk::json_body(log.value(), "scm:GetDeploymentLog"));
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
    const std::string id = scm::read_deployment_id(taken.value());
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

Task<void> AzureDeployer::publish_classic(Work& work, StageContext& context) {
    Task<StorageAccount> reading = shared_.account(work.session, work.request.mark.project, context);
    const StorageAccount account = co_await std::move(reading);
    const std::string container = container_name(work.app);
    const std::string host =
        storage::blob_host(account.name, std::string(work.session.endpoints.cloud->storage));
    const std::string blob = hex(work.request.package.archive_sha256) + ".zip";
    const SystemTime now = context.host.clock.system_now();
    const std::string upload =
        storage::signed_target(account.name, account.key, container, blob, "cw", now + upload_life);
    context.progress(Stage::deploy, "uploading to " + host, 0, work.request.package.archive.size());
    ApiCall put = storage::put_blob(host, upload, work.request.package.archive);
    Task<HttpResponse> sending = cloud_.send(work.session, std::move(put), context);
    co_await std::move(sending);
    work.upload_ended = context.host.clock.steady_now();
    web::AppSettings wanted = work.settings;
    const std::string before = path_at(wanted[package_variable], host);
    wanted[package_variable] =
        "https://" + host +
        storage::signed_target(account.name, account.key, container, blob, "r", now + link_life);
    Task<void> writing = write_settings(work, std::move(wanted), context);
    co_await std::move(writing);
    if (before.empty() || before == "/" + container + "/" + blob ||
        !before.starts_with("/" + container + "/"))
        co_return;
    const std::string old = storage::signed_target(
        account.name, account.key, container, before.substr(container.size() + 2), "d", now + upload_life);
    Task<Outcome> deleting = cloud_.attempt(work.session, storage::delete_blob(host, old), context);
    const Outcome deleted = co_await std::move(deleting);
    if (deleted.failure) // it only takes room
        context.host.log.warning("the package before could not be deleted: " +
                                 std::string(deleted.failure->what()));
}

Task<sdk::Polled<bool>> AzureDeployer::ask_function(Work& work, const std::string& folder,
                                                    StageContext& context) {
    Task<json::value> listing =
        cloud_.send_json(work.session, web::list_functions(work.group, work.app), context);
    const std::vector<std::string> names = web::read_function_names(co_await std::move(listing));
    sdk::Polled<bool> answer;
    answer.state = "not listed yet";
    if (std::find(names.begin(), names.end(), folder) != names.end()) answer.ready = true;
    co_return answer;
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
        site.plan == Plan::flex ? publish_flex(work, site, context) : publish_classic(work, context);
    co_await std::move(sending);
    work.times.upload += std::chrono::duration_cast<Milliseconds>(work.upload_ended - start);
    Task<void> waiting = wait_for_function(work, context);
    co_await std::move(waiting);
}

} // namespace pyfops::azure
