// SPDX-License-Identifier: Apache-2.0
// Create or update: look, compare, do in one request what is needed, wait by the operation and the function's
// state.
#include "deployer.hpp"

#include "catalog.hpp"
#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"

namespace pyfops::google {
namespace {

Milliseconds since(const Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
}

/// Ours, and the deployment that is wanted; else nobody may touch it.
void require_mark(const functions::Function& function, const FdIdentity& identity) {
    if (is_of(function, identity)) return;
    if (!is_ours(function))
        throw Error(ErrorKind::conflict, "a function named '" + function.name + "' exists in " +
                                             identity.region + " and was not made by pyfOps")
            .hint("rename the project or the function, or delete that function yourself");
    const auto mark = read_mark(function);
    throw Error(ErrorKind::conflict,
                "the function '" + function.name + "' in " + identity.region +
                    " belongs to another deployment: " + (mark->fd.empty() ? mark->project : mark->fd))
        .hint("rename the project or the function");
}

/// A creation that failed leaves a function without a service: it can only be made anew.
bool never_ran(const functions::Function& function) {
    return function.state == "FAILED" && function.uri.empty();
}

} // namespace

functions::Texts GoogleDeployer::environment_of(const Work& work, const functions::Function* current) const {
    const Target& target = work.request.target;
    functions::Texts values = work.request.environment;
    for (const auto& [name, secret] : work.request.secrets)
        values[name] = secret.expose();
    std::string key;
    if (current) {
        const auto known = current->environment.find(sdk::probe_key_variable);
        if (known != current->environment.end()) key = known->second;
    }
    values[sdk::probe_key_variable] = key.empty() ? work.new_probe_key.expose() : key;
    values[own_variable::fd] = work.request.mark.fd;
    values[own_variable::content] = work.request.mark.content_hash;
    values[own_variable::region] = target.identity.region;
    values[own_variable::memory] = std::to_string(target.memory_mb);
    values[own_variable::timeout] = std::to_string(target.timeout_seconds);
    return values;
}

functions::Change GoogleDeployer::everything(const Work& work, const functions::Function* current) const {
    const Target& target = work.request.target;
    const Settings& settings = work.session.settings;
    functions::Change all;
    all.description = work.request.function.description;
    all.labels = labels_of(target.identity, work.request.package.content_hash, settings,
                           current ? current->labels : functions::Texts());
    all.runtime = target.runtime;
    all.entry_point = entry_point;
    all.build_environment = functions::Texts{{"GOOGLE_FUNCTION_SOURCE", entry_file}};
    all.memory_mb = target.memory_mb;
    all.cpu = cpu_for(target.memory_mb);
    all.timeout = target.timeout_seconds;
    all.environment = environment_of(work, current);
    all.concurrency = 1; // one event has the memory of an instance, as everywhere
    if (settings.max_instances) all.max_instances = settings.max_instances;
    if (!settings.service_account.empty()) all.service_account = settings.service_account;
    return all;
}

functions::Change GoogleDeployer::difference(const Work& work, const functions::Function& current) const {
    functions::Change change = everything(work, &current);
    const auto drop_equal = [](auto& wanted, const auto& present) {
        if (wanted && *wanted == present) wanted.reset();
    };
    drop_equal(change.description, current.description);
    drop_equal(change.labels, current.labels);
    drop_equal(change.runtime, current.runtime);
    drop_equal(change.entry_point, current.entry_point);
    drop_equal(change.build_environment, current.build_environment);
    drop_equal(change.memory_mb, current.memory_mb);
    drop_equal(change.timeout, current.timeout);
    drop_equal(change.environment, current.environment);
    drop_equal(change.max_instances, current.max_instances);
    drop_equal(change.service_account, current.service_account);
    drop_equal(change.concurrency, current.concurrency == 0 ? 1 : current.concurrency);
    if (functions::same_cpu(*change.cpu, current.cpu) && !change.memory_mb) change.cpu.reset();
    return change;
}

Task<json::object> GoogleDeployer::upload(Work& work, StageContext& context) {
    const SteadyTime start = context.host.clock.steady_now();
    const Bytes& archive = work.request.package.archive;
    Task<json::value> asking =
        cloud_.send_json(work.session, functions::generate_upload_url(work.session.parent()), context);
    const functions::Upload upload = functions::read_upload(co_await std::move(asking));
    context.progress(Stage::deploy, "uploading the code of " + work.name, 0, archive.size());
    const bool local = cloud_.endpoint(work.session, "cloudfunctions", context).loopback;
    Task<HttpResponse> sending =
        cloud_.send(work.session, functions::upload(upload, archive, local), context);
    co_await std::move(sending);
    work.times.upload += since(context.host.clock, start);
    work.upload_ended = context.host.clock.steady_now();
    co_return upload.source;
}

Task<void> GoogleDeployer::create(Work& work, StageContext& context) {
    functions::Change all = everything(work, nullptr);
    Task<json::object> uploading = upload(work, context);
    all.source = co_await std::move(uploading);
    context.progress(Stage::deploy, "creating function " + work.name);
    ApiCall call = functions::create_function(work.session.parent(), work.name, all);
    try {
        Task<void> creating = perform(work.session, work.name, std::move(call), context);
        co_await std::move(creating);
        work.wrote = work.created = true;
    } catch (const Error& failure) {
        // Somebody was faster, or the answer to our own request was lost: `update` looks at it.
        if (!already_exists(failure)) throw;
    }
}

Task<functions::Function> GoogleDeployer::update(Work& work, functions::Function current,
                                                 StageContext& context) {
    require_mark(current, work.request.target.identity);
    functions::Change change = difference(work, current);
    const auto uploaded = current.labels.find(label::code);
    const auto wanted = labels_of(work.request.target.identity, work.request.package.content_hash,
                                  work.session.settings, current.labels);
    const bool same_code = uploaded != current.labels.end() && uploaded->second == wanted.at(label::code);
    if (!is_finished(current)) change = everything(work, &current); // what is in force is not known
    // The policy goes before the label that says it is ours: an interrupted run finds both again.
    if (current.labels.contains(label::access) && !work.session.settings.is_public) {
        Task<bool> closing = set_access(work.session, current.service, false, context);
        const bool closed = co_await std::move(closing);
        work.wrote = work.wrote || closed;
    }
    if (!same_code || !is_finished(current)) {
        Task<json::object> uploading = upload(work, context);
        change.source = co_await std::move(uploading);
    }
    if (change.empty()) co_return current;
    context.progress(Stage::deploy, (change.builds() ? "building " : "updating ") + work.name);
    ApiCall call = functions::update_function(work.session.parent(), work.name, change);
    Task<void> updating = perform(work.session, work.name, std::move(call), context);
    co_await std::move(updating);
    work.wrote = true;
    Task<functions::Function> reading = require(work, context);
    co_return co_await std::move(reading);
}

/// The function that was just made or changed.
Task<functions::Function> GoogleDeployer::require(Work& work, StageContext& context) {
    Task<MaybeFunction> reading = settled(work.session, work.name, context);
    MaybeFunction now = co_await std::move(reading);
    if (!now)
        throw Error(ErrorKind::conflict, "the function '" + work.name + "' was deleted while it was deployed")
            .hint("run the command again");
    if (now->state == "FAILED" && work.wrote)
        throw Error(ErrorKind::unavailable, "Google could not deploy the function '" + work.name + "'")
            .provider(200, now->state, now->problem)
            .hint("run the command again: it goes on where this one stopped");
    co_return std::move(*now);
}

Task<Deployment> GoogleDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Clock& clock = context.host.clock;
    const FdIdentity identity = request.target.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    Session session = co_await std::move(opening);
    Work work{request, std::move(session), request.target.cloud_name};
    const SteadyTime start = clock.steady_now();
    work.upload_ended = start;
    work.new_probe_key = Secret(base64url(random_bytes(24)));
    Task<MaybeFunction> looking = settled(work.session, work.name, context);
    MaybeFunction current = co_await std::move(looking);
    if (current && never_ran(*current)) {
        require_mark(*current, identity);
        ApiCall clearing = functions::delete_function(work.session.parent(), work.name);
        Task<void> removing = perform(work.session, work.name, std::move(clearing), context);
        co_await std::move(removing);
        current.reset();
    }
    if (!current) {
        Task<void> creating = create(work, context);
        co_await std::move(creating);
        Task<functions::Function> reading = require(work, context);
        current = co_await std::move(reading);
    }
    if (!work.created) {
        Task<functions::Function> updating = update(work, std::move(*current), context);
        current = co_await std::move(updating);
    }
    if (work.session.settings.is_public) {
        Task<bool> opening_up = set_access(work.session, current->service, true, context);
        const bool opened = co_await std::move(opening_up);
        work.wrote = work.wrote || opened;
    }
    Deployment deployment = to_deployment(*current, request.mark, identity);
    deployment.details["account"] = work.session.project;
    deployment.action = work.created ? DeployAction::created
                        : work.wrote ? DeployAction::updated
                                     : DeployAction::unchanged;
    deployment.times = work.times;
    deployment.times.total = since(clock, start);
    deployment.times.activation = since(clock, work.upload_ended);
    co_return deployment;
}

} // namespace pyfops::google
