// SPDX-License-Identifier: Apache-2.0
// Create or update: look, compare, do only what is needed, wait by the function's state between the steps.
#include "deployer.hpp"

#include "cpu.hpp"
#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "pyfops/utf8.hpp"
#include "pyfops_alibaba/crc64.hpp"

namespace pyfops::alibaba {
namespace {

Milliseconds since(const Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
}

std::map<std::string, std::string> environment_of(const DeployRequest& request, bool has_trigger,
                                                  const std::string& probe_key) {
    std::map<std::string, std::string> values = request.environment;
    for (const auto& [name, secret] : request.secrets)
        values[name] = secret.expose();
    if (has_trigger) values[url_variable] = "1";
    values[sdk::probe_key_variable] = probe_key;
    return values;
}

/// What `wanted` changes.
fc::Configuration difference(fc::Configuration wanted, const fc::Function& current) {
    const auto drop = [](auto& member, const auto& has) {
        if (member && *member == has) member.reset();
    };
    // Memory and vCPUs are checked against each other: they are sent together.
    if (wanted.memory == current.memory && wanted.cpu_hundredths == current.cpu_hundredths) {
        wanted.memory.reset();
        wanted.cpu_hundredths.reset();
    }
    drop(wanted.runtime, current.runtime);
    drop(wanted.handler, current.handler);
    drop(wanted.description, current.description);
    drop(wanted.role, current.role);
    drop(wanted.timeout, current.timeout);
    drop(wanted.disk, current.disk);
    drop(wanted.environment, current.environment);
    drop(wanted.logs, current.logs);
    return wanted;
}

} // namespace

OwnershipMark require_mark(const fc::Function& function, const FdIdentity& identity) {
    const auto mark = read_mark(function.tags);
    if (!mark)
        throw Error(ErrorKind::conflict, "a function named '" + function.name + "' exists in " +
                                             identity.region + " and was not made by pyfOps")
            .hint("rename the project or the function, or delete that function yourself");
    if (mark->fd != identity.str())
        throw Error(ErrorKind::conflict, "the function '" + function.name + "' in " + identity.region +
                                             " belongs to another deployment: " + mark->fd)
            .hint("rename the project or the function");
    return *mark;
}

fc::Configuration AlibabaDeployer::wanted(const Work& work, const fc::Function* current) const {
    const Target& target = work.request.target;
    const Settings& settings = work.session.settings;
    std::string key;
    if (current) {
        const auto known = current->environment.find(sdk::probe_key_variable);
        if (known != current->environment.end()) key = known->second;
    }
    if (key.empty()) key = work.new_probe_key.expose();
    fc::Configuration all;
    all.runtime = target.runtime;
    all.handler = entry_handler;
    all.description = std::string(cut_utf8(work.request.function.description, 256));
    all.role = settings.role;
    all.timeout = target.timeout_seconds;
    all.memory = target.memory_mb;
    all.cpu_hundredths = cpu_hundredths(target.memory_mb, gigabytes_per_vcpu(settings.cpu));
    all.disk = settings.disk;
    all.environment = environment_of(work.request, settings.has_trigger(), key);
    all.logs = settings.has_logs() ? std::pair(settings.log_project, settings.log_store)
                                   : std::pair<std::string, std::string>();
    return all;
}

Task<std::optional<fc::Function>> AlibabaDeployer::look(const Session& session, std::string name,
                                                        StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, fc::get_function(name), context);
    const Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::not_found)) co_return std::nullopt;
    fc::Function function = fc::read_function(sdk::json_body(found.value(), "fc:GetFunction"));
    if (function.tags.empty()) {
        std::vector<std::string> arns{function.arn};
        Task<std::map<std::string, fc::Tags>> tagging = tags_of_all(session, std::move(arns), context);
        std::map<std::string, fc::Tags> tags = co_await std::move(tagging);
        function.tags = std::move(tags[function.arn]);
    }
    co_return function;
}

Task<sdk::Polled<fc::Function>> AlibabaDeployer::ask_state(const Session& session, const std::string& name,
                                                           StageContext& context) {
    Task<std::optional<fc::Function>> looking = look(session, name, context);
    std::optional<fc::Function> found = co_await std::move(looking);
    sdk::Polled<fc::Function> answer;
    answer.state = "not visible yet"; // right after it was made
    if (!found) co_return answer;
    if (found->state == "Failed")
        throw Error(ErrorKind::unavailable,
                    "Function Compute could not make the function: " + found->state_reason)
            .provider(200, "Failed", found->state_reason);
    if (found->update_status == "Failed")
        throw Error(ErrorKind::unavailable,
                    "Function Compute could not update the function: " + found->update_reason)
            .provider(200, "Failed", found->update_reason);
    const bool pending = found->state == "Pending", updating = found->update_status == "InProgress";
    answer.state = pending ? found->state : found->update_status;
    if (!pending && !updating) answer.ready = std::move(found);
    co_return answer;
}

Task<fc::Function> AlibabaDeployer::wait_ready(const Session& session, std::string name,
                                               StageContext& context) {
    std::function<Task<sdk::Polled<fc::Function>>()> ask = [this, &session, &name, &context] {
        return ask_state(session, name, context);
    };
    const std::string what = "function " + name;
    Task<fc::Function> waiting =
        sdk::poll<fc::Function>(context, Stage::deploy, what,
                                {.first = Milliseconds(100), .cap = Milliseconds(2000)}, std::move(ask));
    co_return co_await std::move(waiting);
}

Task<void> AlibabaDeployer::write(const Session& session, std::string name, ApiCall call,
                                  StageContext& context) {
    for (;;) {
        Task<Outcome> trying = cloud_.attempt(session, call, context);
        const Outcome outcome = co_await std::move(trying);
        if (outcome.ok()) co_return;
        if (!is_busy(*outcome.failure) || context.deadline.passed(context.host.clock)) throw *outcome.failure;
        // Another process got in between: its change may be over already, so a moment passes in any case.
        Task<void> pause = context.host.clock.sleep(Milliseconds(200));
        co_await std::move(pause);
        Task<fc::Function> waiting = wait_ready(session, name, context);
        co_await std::move(waiting);
    }
}

Task<fc::CodeSource> AlibabaDeployer::code_source(Work& work, StageContext& context) {
    const Bytes& archive = work.request.package.archive;
    if (!is_large(archive)) {
        fc::CodeSource code;
        code.zip = archive;
        code.checksum = work.checksum;
        co_return code;
    }
    Task<fc::CodeSource> uploading = shared_.upload(work.session, work.request.mark.project,
                                                    work.request.target.identity, archive, context);
    co_return co_await std::move(uploading);
}

/// The function, or nullopt when one is there already: then it is looked at again.
Task<std::optional<fc::Function>> AlibabaDeployer::create(Work& work, StageContext& context) {
    fc::Configuration configuration = wanted(work, nullptr);
    if (configuration.role->empty()) configuration.role.reset();
    if (configuration.logs->first.empty()) configuration.logs.reset();
    if (configuration.description->empty()) configuration.description.reset();
    const SteadyTime start = context.host.clock.steady_now();
    Task<fc::CodeSource> preparing = code_source(work, context);
    const fc::CodeSource code = co_await std::move(preparing);
    context.progress(Stage::deploy, "creating function " + work.name);
    const fc::Tags tags = tags_of(work.request.mark, work.checksum, work.session.settings);
    ApiCall call = fc::create_function(work.name, configuration, code, tags);
    Task<Outcome> creating = cloud_.attempt(work.session, std::move(call), context);
    const Outcome outcome = co_await std::move(creating);
    work.times.upload += since(context.host.clock, start);
    work.upload_ended = context.host.clock.steady_now();
    Task<void> discarding = shared_.discard(work.session, code, context);
    co_await std::move(discarding);
    if (outcome.failure && already_exists(*outcome.failure)) co_return std::nullopt;
    outcome.value();
    work.wrote = work.created = true;
    Task<fc::Function> waiting = wait_ready(work.session, work.name, context);
    co_return co_await std::move(waiting);
}

Task<fc::Function> AlibabaDeployer::update(Work& work, fc::Function current, StageContext& context) {
    const OwnershipMark mark = require_mark(current, work.request.target.identity);
    if (current.state == "Pending" || current.update_status == "InProgress") {
        Task<fc::Function> waiting = wait_ready(work.session, work.name, context);
        current = co_await std::move(waiting);
    }
    const auto uploaded = current.tags.find(tag::code);
    // Equal content may have other bytes when another machine packed it; what is in the cloud must then be
    // what we put there.
    const bool same_content = mark.content_hash == work.request.mark.content_hash &&
                              uploaded != current.tags.end() && uploaded->second == current.code_checksum;
    // After an update that failed the new code is shown, and the old one runs.
    const bool in_force = current.update_status != "Failed";
    const bool same_code = in_force && (same_content || current.code_checksum == work.checksum);
    const fc::Configuration change = difference(wanted(work, &current), current);
    if (same_code && is_large(work.request.package.archive)) {
        Task<void> tidying =
            shared_.discard_leftover(work.session, work.request.mark.project, work.request.target.identity,
                                     work.request.package.archive, context);
        co_await std::move(tidying);
    }
    if (change.empty() && same_code) {
        work.checksum = current.code_checksum;
        co_return current;
    }
    const SteadyTime start = context.host.clock.steady_now();
    fc::CodeSource code;
    if (!same_code) {
        Task<fc::CodeSource> preparing = code_source(work, context);
        code = co_await std::move(preparing);
    }
    context.progress(Stage::deploy, "updating function " + work.name);
    ApiCall call = fc::update_function(work.name, change, same_code ? nullptr : &code);
    std::optional<Error> refused;
    try {
        Task<void> writing = write(work.session, work.name, std::move(call), context);
        co_await std::move(writing);
    } catch (const Error& failure) {
        if (failure.kind() == ErrorKind::cancelled) throw;
        refused = failure;
    }
    work.times.upload += since(context.host.clock, start);
    work.upload_ended = context.host.clock.steady_now();
    Task<void> discarding = shared_.discard(work.session, code, context);
    co_await std::move(discarding);
    if (refused) throw *refused;
    work.wrote = true;
    Task<fc::Function> waiting = wait_ready(work.session, work.name, context);
    current = co_await std::move(waiting);
    work.checksum = current.code_checksum;
    co_return current;
}

/// Last, so that the mark says what is in force: an interrupted update is found unfinished.
Task<void> AlibabaDeployer::update_tags(Work& work, fc::Function& current, StageContext& context) {
    fc::Tags changed;
    for (const auto& [key, value] : tags_of(work.request.mark, work.checksum, work.session.settings)) {
        const auto found = current.tags.find(key);
        if (found == current.tags.end() || found->second != value) changed[key] = value;
    }
    if (changed.empty()) co_return;
    Task<void> tagging = write(work.session, work.name, fc::tag_function(current.arn, changed), context);
    co_await std::move(tagging);
    work.wrote = true;
    for (const auto& [key, value] : changed)
        current.tags[key] = value;
}

Task<Deployment> AlibabaDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Clock& clock = context.host.clock;
    const FdIdentity identity = request.target.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    Session session = co_await std::move(opening);
    Work work{request, std::move(session), request.target.cloud_name,
              checksum(request.package.archive.view())};
    const SteadyTime start = clock.steady_now();
    work.upload_ended = start;
    work.new_probe_key = Secret(base64url(random_bytes(24)));
    Task<std::optional<fc::Function>> looking = look(work.session, work.name, context);
    std::optional<fc::Function> current = co_await std::move(looking);
    if (current && current->state == "Failed") { // its creation failed: it can only be made anew
        require_mark(*current, identity);
        Task<void> clearing = remove_triggers(work.session, work.name, context);
        co_await std::move(clearing);
        Task<HttpResponse> deleting = cloud_.send(work.session, fc::delete_function(work.name), context);
        co_await std::move(deleting);
        current.reset();
    }
    if (!current) {
        Task<std::optional<fc::Function>> creating = create(work, context);
        current = co_await std::move(creating);
        if (!current) { // somebody made it meanwhile, or the answer to our own request was lost
            Task<fc::Function> waiting = wait_ready(work.session, work.name, context);
            current = co_await std::move(waiting);
        }
    }
    if (!work.created) {
        Task<fc::Function> updating = update(work, std::move(*current), context);
        current = co_await std::move(updating);
    }
    Task<std::string> ensuring = ensure_trigger(work, context);
    const std::string url = co_await std::move(ensuring);
    Task<void> tagging = update_tags(work, *current, context);
    co_await std::move(tagging);
    Deployment deployment = to_deployment(*current, request.mark, identity, url);
    deployment.details["account"] = work.session.account;
    deployment.action = work.created ? DeployAction::created
                        : work.wrote ? DeployAction::updated
                                     : DeployAction::unchanged;
    deployment.times = work.times;
    deployment.times.total = since(clock, start);
    deployment.times.activation = since(clock, work.upload_ended);
    co_return deployment;
}

} // namespace pyfops::alibaba
