// SPDX-License-Identifier: Apache-2.0
// Create or update: look, compare, do only what is needed, wait by the function's state between the steps.
#include "deployer.hpp"

#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "pyfops/utf8.hpp"

#include <algorithm>

namespace pyfops::aws {
namespace {

/// How long IAM may take to tell Lambda of a role that was just made; a role of the user's is not expected
/// to be that new.
constexpr Milliseconds own_role_patience = std::chrono::seconds(60);
constexpr Milliseconds given_role_patience = std::chrono::seconds(10);
constexpr Milliseconds role_pause = std::chrono::seconds(2);

Deadline role_patience(const Session& session, const StageContext& context) {
    return context.deadline.within(context.host.clock,
                                   session.settings.role.empty() ? own_role_patience : given_role_patience);
}

Milliseconds since(const Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
}

std::string description_of(const FunctionSpec& function) {
    return std::string(cut_utf8(function.description, 256));
}

/// Ours, and the deployment that is wanted; else nobody may touch it.
OwnershipMark require_mark(const lambda::Function& function, const FdIdentity& identity) {
    const auto mark = read_mark(function.tags);
    if (!mark)
        throw Error(ErrorKind::conflict, "a Lambda function named '" + function.name + "' exists in " +
                                             identity.region + " and was not made by pyfOps")
            .hint("rename the project or the function, or delete that function yourself");
    if (mark->fd != identity.str())
        throw Error(ErrorKind::conflict, "the Lambda function '" + function.name + "' in " + identity.region +
                                             " belongs to another deployment: " + mark->fd)
            .hint("rename the project or the function");
    return *mark;
}

} // namespace

std::map<std::string, std::string> AwsDeployer::environment_of(const Work& work,
                                                               const lambda::Function* current) const {
    std::map<std::string, std::string> values = work.request.environment;
    for (const auto& [name, secret] : work.request.secrets)
        values[name] = secret.expose();
    if (work.session.settings.url) values[url_variable] = "1";
    std::string key;
    if (current) {
        const auto known = current->environment.find(sdk::probe_key_variable);
        if (known != current->environment.end()) key = known->second;
    }
    values[sdk::probe_key_variable] = key.empty() ? work.new_probe_key.expose() : key;
    return values;
}

lambda::ConfigurationChange AwsDeployer::difference(const Work& work, const lambda::Function& current) const {
    const Target& target = work.request.target;
    lambda::ConfigurationChange change;
    if (current.runtime != target.runtime) change.runtime = target.runtime;
    if (current.handler != entry_handler) change.handler = entry_handler;
    if (current.timeout != target.timeout_seconds) change.timeout = target.timeout_seconds;
    if (current.memory != target.memory_mb) change.memory = target.memory_mb;
    const std::string description = description_of(work.request.function);
    if (current.description != description) change.description = description;
    const auto environment = environment_of(work, &current);
    if (!current.environment_readable || current.environment != environment) change.environment = environment;
    return change;
}

Task<std::optional<lambda::Function>> AwsDeployer::look(const Session& session, const std::string& name,
                                                        StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, lambda::get_function(name), context);
    const Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::not_found)) co_return std::nullopt;
    co_return lambda::read_function(sdk::json_body(found.value(), "lambda:GetFunction"));
}

Task<sdk::Polled<lambda::Function>> AwsDeployer::ask_state(const Session& session, const std::string& name,
                                                           StageContext& context) {
    Task<std::optional<lambda::Function>> looking = look(session, name, context);
    std::optional<lambda::Function> found = co_await std::move(looking);
    sdk::Polled<lambda::Function> answer;
    answer.state = "not visible yet"; // right after it was made
    if (!found) co_return answer;
    if (found->state == "Failed")
        throw Error(ErrorKind::unavailable, "AWS could not make the function: " + found->state_reason)
            .provider(200, "Failed", found->state_reason);
    if (found->update_status == "Failed")
        throw Error(ErrorKind::unavailable, "AWS could not update the function: " + found->update_reason)
            .provider(200, "Failed", found->update_reason);
    answer.state = found->state != "Active" ? found->state : found->update_status;
    const bool idle = found->state == "Inactive"; // unused for long: the next invocation wakes it
    if ((found->state == "Active" || idle) && found->update_status == "Successful")
        answer.ready = std::move(found);
    co_return answer;
}

Task<lambda::Function> AwsDeployer::wait_ready(const Session& session, std::string name,
                                               StageContext& context) {
    std::function<Task<sdk::Polled<lambda::Function>>()> ask = [this, &session, &name, &context] {
        return ask_state(session, name, context);
    };
    const std::string what = "function " + name;
    Task<lambda::Function> waiting =
        sdk::poll<lambda::Function>(context, Stage::deploy, what,
                                    {.first = Milliseconds(100), .cap = Milliseconds(3000)}, std::move(ask));
    co_return co_await std::move(waiting);
}

Task<void> AwsDeployer::write(const Session& session, std::string name, ApiCall call, StageContext& context) {
    const Deadline patience = role_patience(session, context);
    for (;;) {
        Task<Outcome> trying = cloud_.attempt(session, call, context);
        const Outcome outcome = co_await std::move(trying);
        if (outcome.ok()) co_return;
        if (is_role_propagation(*outcome.failure) && patience.left(context.host.clock) > role_pause) {
            Task<void> wait = context.host.clock.sleep(role_pause);
            co_await std::move(wait);
            continue;
        }
        if (!is_busy(*outcome.failure) || context.deadline.passed(context.host.clock)) throw *outcome.failure;
        Task<lambda::Function> waiting = wait_ready(session, name, context);
        co_await std::move(waiting);
    }
}

Task<lambda::CodeSource> AwsDeployer::code_source(Work& work, StageContext& context) {
    const Bytes& archive = work.request.package.archive;
    lambda::CodeSource code;
    if (archive.size() <= info_.limits.inline_zip_bytes) {
        code.zip = archive;
        co_return code;
    }
    Task<lambda::CodeSource> uploading = shared_.upload(work.session, work.request.mark.project,
                                                        work.request.target.identity, archive, context);
    co_return co_await std::move(uploading);
}

Task<Outcome> AwsDeployer::try_create(Work& work, const lambda::Configuration& configuration,
                                      const lambda::CodeSource& code, StageContext& context) {
    const Deadline patience = role_patience(work.session, context);
    const auto tags = tags_of(work.request.mark, work.code_sha256, work.session.settings);
    Milliseconds pause{500};
    for (;;) {
        ApiCall call = lambda::create_function(work.name, configuration, code, tags);
        Task<Outcome> trying = cloud_.attempt(work.session, std::move(call), context);
        Outcome outcome = co_await std::move(trying);
        if (outcome.ok() || !is_role_propagation(*outcome.failure) ||
            patience.left(context.host.clock) <= pause)
            co_return outcome;
        context.host.observer.on(
            RetryScheduled{"lambda:CreateFunction", 1, pause, "the role is not known to Lambda yet"});
        Task<void> wait = context.host.clock.sleep(pause);
        co_await std::move(wait);
        pause = std::min(pause * 2, Milliseconds(5000));
    }
}

/// The function, or nullopt when one is there already: then it is looked at again.
Task<std::optional<lambda::Function>> AwsDeployer::create(Work& work, StageContext& context) {
    const Target& target = work.request.target;
    lambda::Configuration configuration;
    configuration.runtime = target.runtime;
    configuration.handler = entry_handler;
    configuration.description = description_of(work.request.function);
    configuration.timeout = target.timeout_seconds;
    configuration.memory = target.memory_mb;
    configuration.architecture = target.architecture;
    configuration.environment = environment_of(work, nullptr);
    configuration.role = work.session.settings.role;
    if (configuration.role.empty()) {
        Task<std::string> making = shared_.role(work.session, work.request.mark.project, context);
        configuration.role = co_await std::move(making);
    }
    const SteadyTime start = context.host.clock.steady_now();
    Task<lambda::CodeSource> preparing = code_source(work, context);
    const lambda::CodeSource code = co_await std::move(preparing);
    context.progress(Stage::deploy, "creating function " + work.name);
    Task<Outcome> creating = try_create(work, configuration, code, context);
    const Outcome outcome = co_await std::move(creating);
    work.times.upload += since(context.host.clock, start);
    work.upload_ended = context.host.clock.steady_now();
    Task<void> discarding = shared_.discard(work.session, code, context);
    co_await std::move(discarding);
    if (outcome.failure && already_exists(*outcome.failure)) co_return std::nullopt;
    outcome.value();
    work.wrote = work.created = true;
    Task<lambda::Function> waiting = wait_ready(work.session, work.name, context);
    co_return co_await std::move(waiting);
}

Task<lambda::Function> AwsDeployer::update(Work& work, lambda::Function current, StageContext& context) {
    const OwnershipMark mark = require_mark(current, work.request.target.identity);
    const bool busy = current.state == "Pending" || current.update_status == "InProgress";
    if (busy) {
        Task<lambda::Function> waiting = wait_ready(work.session, work.name, context);
        current = co_await std::move(waiting);
    }
    work.has_url = current.tags.contains(tag::url);
    const auto uploaded = current.tags.find(tag::code);
    // Equal content may have other bytes when another machine packed it; what is in the cloud must then be
    // what we put there.
    const bool same_content = mark.content_hash == work.request.mark.content_hash &&
                              uploaded != current.tags.end() && uploaded->second == current.code_sha256;
    const bool same_architecture = current.architecture == work.request.target.architecture;
    // After an update that failed the new code is shown, and the old one runs.
    const bool in_force = current.update_status != "Failed";
    const bool same_code =
        in_force && same_architecture && (same_content || current.code_sha256 == work.code_sha256);

    lambda::ConfigurationChange change = difference(work, current);
    const std::string& given_role = work.session.settings.role;
    if (!given_role.empty()) {
        if (current.role != given_role) change.role = given_role;
    } else if (!current.role.ends_with(":role/" + role_name(work.request.mark.project))) {
        Task<std::string> making = shared_.role(work.session, work.request.mark.project, context);
        change.role = co_await std::move(making);
    }
    if (!change.empty()) {
        context.progress(Stage::deploy, "updating configuration of " + work.name);
        Task<void> writing =
            write(work.session, work.name, lambda::update_configuration(work.name, change), context);
        co_await std::move(writing);
        work.wrote = true;
        work.upload_ended = context.host.clock.steady_now();
        Task<lambda::Function> waiting = wait_ready(work.session, work.name, context);
        current = co_await std::move(waiting);
    }
    if (!same_code) {
        const SteadyTime start = context.host.clock.steady_now();
        Task<lambda::CodeSource> preparing = code_source(work, context);
        const lambda::CodeSource code = co_await std::move(preparing);
        context.progress(Stage::deploy, "updating code of " + work.name);
        ApiCall call = lambda::update_code(work.name, code, work.request.target.architecture);
        Task<void> writing = write(work.session, work.name, std::move(call), context);
        co_await std::move(writing);
        work.wrote = true;
        work.times.upload += since(context.host.clock, start);
        work.upload_ended = context.host.clock.steady_now();
        Task<void> discarding = shared_.discard(work.session, code, context);
        co_await std::move(discarding);
        Task<lambda::Function> waiting = wait_ready(work.session, work.name, context);
        current = co_await std::move(waiting);
    }
    work.code_sha256 = current.code_sha256;
    Task<lambda::Function> tagging = update_tags(work, std::move(current), context);
    co_return co_await std::move(tagging);
}

/// Last, so that the mark says what is in force: an interrupted update is found unfinished.
Task<lambda::Function> AwsDeployer::update_tags(Work& work, lambda::Function current, StageContext& context) {
    const auto wanted = tags_of(work.request.mark, work.code_sha256, work.session.settings);
    std::map<std::string, std::string> changed;
    for (const auto& [key, value] : wanted) {
        const auto found = current.tags.find(key);
        if (found == current.tags.end() || found->second != value) changed[key] = value;
    }
    if (!changed.empty()) {
        Task<void> tagging =
            write(work.session, work.name, lambda::tag_resource(current.arn, changed), context);
        co_await std::move(tagging);
        work.wrote = true;
        for (const auto& [key, value] : changed)
            current.tags[key] = value;
    }
    co_return current;
}

Task<Deployment> AwsDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Clock& clock = context.host.clock;
    const FdIdentity identity = request.target.identity;
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    Session session = co_await std::move(opening);
    Work work{request, std::move(session), request.target.cloud_name, base64(request.package.archive_sha256)};
    const SteadyTime start = clock.steady_now();
    work.upload_ended = start;
    work.new_probe_key = Secret(base64url(random_bytes(24)));
    Task<std::optional<lambda::Function>> looking = look(work.session, work.name, context);
    std::optional<lambda::Function> current = co_await std::move(looking);
    if (current && current->state == "Failed") { // its creation failed: it can only be made anew
        require_mark(*current, identity);
        Task<HttpResponse> clearing = cloud_.send(work.session, lambda::delete_function(work.name), context);
        co_await std::move(clearing);
        current.reset();
    }
    if (!current) {
        Task<std::optional<lambda::Function>> creating = create(work, context);
        std::optional<lambda::Function> made = co_await std::move(creating);
        if (!made) { // somebody made it meanwhile, or the answer to our own request was lost
            Task<lambda::Function> waiting = wait_ready(work.session, work.name, context);
            made = co_await std::move(waiting);
            current = std::move(made);
        } else {
            current = std::move(made);
        }
    }
    if (!work.created) {
        Task<lambda::Function> updating = update(work, std::move(*current), context);
        current = co_await std::move(updating);
    }
    std::string url;
    if (work.session.settings.url) {
        Task<std::string> ensuring = ensure_url(work, context);
        url = co_await std::move(ensuring);
    } else if (work.has_url) {
        Task<void> removing = remove_url(work, context);
        co_await std::move(removing);
    }
    Deployment deployment = to_deployment(*current, request.mark, identity);
    deployment.url = url;
    if (!url.empty()) deployment.details["url"] = url;
    deployment.details["account"] = work.session.account;
    deployment.action = work.created ? DeployAction::created
                        : work.wrote ? DeployAction::updated
                                     : DeployAction::unchanged;
    deployment.times = work.times;
    deployment.times.total = since(clock, start);
    deployment.times.activation = since(clock, work.upload_ended);
    co_return deployment;
}

} // namespace pyfops::aws
