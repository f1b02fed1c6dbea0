// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"

#include "marks.hpp"
#include "pyfops/sdk/rest.hpp"
#include "resources.hpp"
#include "storage.hpp"

namespace pyfops::azure {
namespace {

Error foreign(const std::string& what, const std::string& hint) {
    return Error(ErrorKind::conflict, what + " exists and was not made by pyfOps for this project")
        .hint(hint);
}

std::string group_of(const Session& session, const std::string& project) {
    return session.settings.resource_group.empty() ? group_name(project) : session.settings.resource_group;
}

bool is_ready(const json::value& account) {
    const std::string state = storage::provisioning_state(account);
    return state.empty() || state == "Succeeded";
}

} // namespace

std::string SharedResources::group_path(const Session& session, const std::string& project) {
    return resources::group_path(session.subscription, group_of(session, project));
}

std::string SharedResources::storage_account(const Session& session, const std::string& project) {
    if (!session.settings.storage_account.empty()) return session.settings.storage_account;
    return storage_name(session.subscription, session.region, project);
}

Task<sdk::Polled<bool>> SharedResources::ask_registered(const Session& session, const std::string& name,
                                                        StageContext& context) {
    Task<json::value> asking =
        cloud_.send_json(session, resources::get_provider(session.subscription, name), context);
    const json::value provider = co_await std::move(asking);
    sdk::Polled<bool> answer;
    answer.state = string_or(provider, "registrationState", "Registering");
    if (resources::is_registered(provider)) answer.ready = true;
    co_return answer;
}

Task<bool> SharedResources::register_provider(Session session, std::string name, StageContext& context) {
    Task<Outcome> asking =
        cloud_.attempt(session, resources::get_provider(session.subscription, name), context);
    const Outcome now = co_await std::move(asking);
    // Rights on the resource group alone: what is missing is told when it is needed.
    if (now.failed_with(ErrorKind::forbidden)) co_return true;
    if (resources::is_registered(sdk::json_body(now.value(), "resources:GetProvider"))) co_return true;
    context.progress(Stage::deploy, "registering " + name);
    Task<HttpResponse> registering =
        cloud_.send(session, resources::register_provider(session.subscription, name), context);
    co_await std::move(registering);
    std::function<Task<sdk::Polled<bool>>()> ask = [this, &session, &name, &context] {
        return ask_registered(session, name, context);
    };
    Task<bool> waiting =
        sdk::poll<bool>(context, Stage::deploy, "the registration of " + name, {}, std::move(ask));
    co_return co_await std::move(waiting);
}

Task<void> SharedResources::ensure_provider(const Session& session, std::string name, StageContext& context) {
    std::function<Task<bool>()> make = [this, &session, &name, &context] {
        return register_provider(session, name, context);
    };
    Task<bool> getting = providers_.get(session.subscription + "/" + name, std::move(make));
    co_await std::move(getting);
}

Task<sdk::Polled<bool>> SharedResources::ask_gone(const Session& session, const std::string& group,
                                                  StageContext& context) {
    Task<Outcome> asking =
        cloud_.attempt(session, resources::get_group(session.subscription, group), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    sdk::Polled<bool> answer;
    answer.state = "being deleted";
    if (!found.ok()) answer.ready = true;
    co_return answer;
}

Task<void> SharedResources::wait_for_end(const Session& session, const std::string& group,
                                         StageContext& context) {
    std::function<Task<sdk::Polled<bool>>()> ask = [this, &session, &group, &context] {
        return ask_gone(session, group, context);
    };
    Task<bool> waiting = sdk::poll<bool>(context, Stage::deploy, "the end of resource group " + group,
                                         {.limit = std::chrono::minutes(15)}, std::move(ask));
    co_await std::move(waiting);
}

Task<bool> SharedResources::make_group(Session session, std::string project, StageContext& context) {
    const std::string group = group_of(session, project);
    Task<Outcome> asking =
        cloud_.attempt(session, resources::get_group(session.subscription, group), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    const json::value body = found.ok() ? sdk::json_body(found.value(), "resources:GetGroup") : json::value();
    const bool given = !session.settings.resource_group.empty();
    const bool ending = resources::is_being_deleted(body);
    if (ending) {
        Task<void> waiting = wait_for_end(session, group, context);
        co_await std::move(waiting);
    } else if (found.ok()) {
        if (!given && !belongs_to(resources::read_tags(body), project))
            throw foreign("the resource group " + group,
                          "set providers.azure.resource_group to one of yours");
        co_return true;
    }
    if (given)
        throw Error(ErrorKind::not_found, "the resource group '" + group + "' does not exist")
            .hint("make it ('az group create'), or leave providers.azure.resource_group out");
    context.progress(Stage::deploy, "creating resource group " + group);
    ApiCall put = resources::put_group(session.subscription, group, session.region,
                                       shared_tags(project, session.settings));
    Task<Outcome> creating = cloud_.attempt(session, std::move(put), context);
    const Outcome created = co_await std::move(creating);
    // Another process may have made it in another region at the same time.
    if (created.failure && created.failure->provider_code() != "InvalidResourceGroupLocation")
        throw *created.failure;
    co_return true;
}

Task<void> SharedResources::ensure_group(const Session& session, const std::string& project,
                                         StageContext& context) {
    std::function<Task<bool>()> make = [this, &session, &project, &context] {
        return make_group(session, project, context);
    };
    Task<bool> getting = groups_.get(group_path(session, project), std::move(make));
    co_await std::move(getting);
}

Task<sdk::Polled<bool>> SharedResources::ask_account(const Session& session, const std::string& group,
                                                     const std::string& name, StageContext& context) {
    Task<json::value> asking = cloud_.send_json(session, storage::get_account(group, name), context);
    const json::value account = co_await std::move(asking);
    sdk::Polled<bool> answer;
    answer.state = storage::provisioning_state(account);
    if (is_ready(account)) answer.ready = true;
    co_return answer;
}

Task<void> SharedResources::ensure_account(const Session& session, const std::string& project,
                                           StageContext& context) {
    const std::string group = group_path(session, project);
    const std::string name = storage_account(session, project);
    Task<Outcome> asking = cloud_.attempt(session, storage::get_account(group, name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    const bool given = !session.settings.storage_account.empty();
    if (found.ok()) {
        const json::value body = sdk::json_body(found.value(), "storage:GetAccount");
        if (!given && !belongs_to(resources::read_tags(body), project))
            throw foreign("the storage account " + name,
                          "set providers.azure.storage_account to one of yours");
        std::function<Task<sdk::Polled<bool>>()> ask = [this, &session, &group, &name, &context] {
            return ask_account(session, group, name, context);
        };
        if (!is_ready(body)) { // another process is making it
            Task<bool> waiting =
                sdk::poll<bool>(context, Stage::deploy, "storage account " + name, {}, std::move(ask));
            co_await std::move(waiting);
        }
        co_return;
    }
    if (given)
        throw Error(ErrorKind::not_found, "the storage account '" + name + "' is not in the resource group")
            .hint("make it there, or leave providers.azure.storage_account out");
    context.progress(Stage::deploy, "creating storage account " + name);
    ApiCall put = storage::put_account(group, name, session.region, shared_tags(project, session.settings));
    std::optional<Error> failure;
    try {
        Task<json::value> creating =
            cloud_.complete(session, std::move(put), "storage account " + name, context);
        co_await std::move(creating);
    } catch (const Error& thrown) {
        failure = thrown;
    }
    if (failure && is_name_taken(*failure))
        throw foreign("a storage account named " + name,
                      "set providers.azure.storage_account to one of yours");
    if (failure) throw *failure;
}

Task<StorageAccount> SharedResources::account(const Session& session, std::string project,
                                              StageContext& context) {
    const std::string name = storage_account(session, project);
    Task<json::value> asking =
        cloud_.send_json(session, storage::list_keys(group_path(session, project), name), context);
    const json::value keys = co_await std::move(asking);
    co_return StorageAccount{name, storage::read_key(keys)};
}

Task<StorageAccount> SharedResources::make(Session session, std::string project, StageContext& context) {
    for (const char* provider : {"Microsoft.Web", "Microsoft.Storage"}) {
        Task<void> registering = ensure_provider(session, provider, context);
        co_await std::move(registering);
    }
    Task<void> grouping = ensure_group(session, project, context);
    co_await std::move(grouping);
    Task<void> making = ensure_account(session, project, context);
    co_await std::move(making);
    Task<StorageAccount> reading = account(session, project, context);
    co_return co_await std::move(reading);
}

Task<StorageAccount> SharedResources::prepare(const Session& session, std::string project,
                                              StageContext& context) {
    const std::string key = group_path(session, project) + "/" + storage_account(session, project);
    std::function<Task<StorageAccount>()> making = [this, &session, &project, &context] {
        return make(session, project, context);
    };
    Task<StorageAccount> getting = accounts_.get(key, std::move(making));
    co_return co_await std::move(getting);
}

Task<void> SharedResources::remove(const Session& session, std::string project, StageContext& context) {
    const std::string group = group_path(session, project);
    const std::string name = storage_account(session, project);
    accounts_.forget(group + "/" + name);
    Task<Outcome> asking = cloud_.attempt(session, storage::get_account(group, name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (found.ok() && session.settings.storage_account.empty() &&
        belongs_to(resources::read_tags(sdk::json_body(found.value(), "storage:GetAccount")), project)) {
        Task<Outcome> deleting = cloud_.attempt(session, storage::delete_account(group, name), context);
        unless_absent(co_await std::move(deleting));
    }
    if (!session.settings.resource_group.empty()) co_return;
    const std::string short_name = group_of(session, project);
    Task<Outcome> looking =
        cloud_.attempt(session, resources::get_group(session.subscription, short_name), context);
    const Outcome there = unless_absent(co_await std::move(looking));
    if (!there.ok()) co_return;
    const json::value body = sdk::json_body(there.value(), "resources:GetGroup");
    if (!belongs_to(resources::read_tags(body), project)) co_return;
    groups_.forget(group);
    if (resources::is_being_deleted(body)) {
        Task<void> waiting = wait_for_end(session, short_name, context);
        co_await std::move(waiting);
        co_return;
    }
    // Deleting a group deletes all that is in it, also what others put there.
    Task<json::value> listing =
        cloud_.send_json(session, resources::list_resources(session.subscription, short_name), context);
    const json::value resources_left = co_await std::move(listing);
    if (!resources::is_empty(resources_left)) co_return;
    std::optional<Error> failure;
    try {
        Task<json::value> deleting =
            cloud_.complete(session, resources::delete_group(session.subscription, short_name),
                            "the end of resource group " + short_name, context);
        co_await std::move(deleting);
    } catch (const Error& thrown) {
        failure = thrown;
    }
    if (failure && failure->kind() != ErrorKind::not_found) throw *failure; // gone is gone
}

} // namespace pyfops::azure
