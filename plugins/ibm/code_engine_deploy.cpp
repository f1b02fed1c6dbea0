// SPDX-License-Identifier: Apache-2.0
// Create or update: look, compare, do only what is needed, wait by the function's state.
#include "catalog.hpp"
#include "code_engine_deployer.hpp"
#include "errors.hpp"
#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/target_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::ibm {
namespace {

using code_engine::Configuration;
using code_engine::Function;

Milliseconds since(const Clock& clock, SteadyTime start) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
}

std::string mappings_of(const std::string& visibility) {
    if (visibility == "private") return "local_private";
    return visibility == "project" ? "local" : "local_public";
}

std::string described(const std::string& name) {
    return "the Code Engine function '" + name + "'";
}

Error gone(const std::string& name) {
    return Error(ErrorKind::not_found, described(name) + " is not there any more").hint("deploy it again");
}

} // namespace

Task<std::optional<Function>> CodeEngineDeployer::look(const Session& session, std::string name,
                                                       StageContext& context) {
    Task<Outcome> asking =
        cloud_.attempt(session, code_engine::get_function(session.project_id, name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) co_return std::nullopt;
    co_return code_engine::read_function(sdk::json_body(found.value(), "codeengine:GetFunction"));
}

Task<sdk::Polled<Function>> CodeEngineDeployer::ask_ready(const Session& session, const std::string& name,
                                                          bool fresh, StageContext& context) {
    Task<std::optional<Function>> looking = look(session, name, context);
    std::optional<Function> found = co_await std::move(looking);
    sdk::Polled<Function> answer;
    answer.state = "not visible yet"; // right after it was made
    if (!found && !fresh) throw gone(name);
    if (!found) co_return answer;
    if (found->failed() || found->update_failed())
        throw Error(ErrorKind::unavailable, "Code Engine could not " +
                                                std::string(found->failed() ? "start " : "update ") +
                                                described(name) + ": " + found->reason)
            .provider(200, found->reason, "")
            .hint("check the code image and its secret; 'ibmcloud ce function events' tells more");
    answer.state = found->reason.empty() ? found->status : found->reason;
    if (found->ready()) answer.ready = std::move(found);
    co_return answer;
}

Task<Function> CodeEngineDeployer::wait_ready(const Session& session, std::string name, bool fresh,
                                              StageContext& context) {
    std::function<Task<sdk::Polled<Function>>()> ask = [this, &session, &name, fresh, &context] {
        return ask_ready(session, name, fresh, context);
    };
    const std::string what = "function " + name;
    Task<Function> waiting = sdk::poll<Function>(
        context, Stage::deploy, what,
        {.first = Milliseconds(100), .cap = Milliseconds(5000), .limit = std::chrono::minutes(10)},
        std::move(ask));
    co_return co_await std::move(waiting);
}

/// Secret variables and the probe key, in a secret of the function's own. Made before the function, which
/// refers to it.
Task<void> CodeEngineDeployer::secrets(Work& work, StageContext& context) {
    const Session& session = work.session;
    const std::string name = secret_name(work.name);
    Task<std::optional<code_engine::StoredSecret>> reading = read_secret(session, work.name, context);
    const std::optional<code_engine::StoredSecret> known = co_await std::move(reading);
    const FdIdentity& identity = work.request.target.identity;
    if (known) {
        std::optional<OwnershipMark> owner;
        if (const auto fd = known->data.find(mark::fd); fd != known->data.end())
            owner = OwnershipMark{identity.project, fd->second.expose(), ""};
        require_mark(owner, "the Code Engine secret '" + name + "'", identity);
        if (const auto key = known->data.find(sdk::probe_key_variable); key != known->data.end())
            work.probe_key = key->second;
    }
    if (work.probe_key.empty()) work.probe_key = Secret(base64url(random_bytes(24)));
    SecretData wanted = work.request.secrets;
    wanted[mark::fd] = Secret(identity.str());
    wanted[sdk::probe_key_variable] = work.probe_key;
    if (known && same(known->data, wanted)) co_return;
    ApiCall call =
        known ? code_engine::replace_secret(session.project_id, name, "generic", wanted, known->entity_tag)
              : code_engine::create_secret(session.project_id, name, "generic", wanted);
    Task<Outcome> writing = cloud_.attempt(session, std::move(call), context);
    const Outcome written = co_await std::move(writing);
    if (written.failure && !known && already_exists(*written.failure)) {
        // The answer to our own request was lost: what is there is ours, or says whose it is.
        Task<void> again = secrets(work, context);
        co_await std::move(again);
        co_return;
    }
    written.value();
    work.wrote = true;
}

Task<void> CodeEngineDeployer::code(Work& work, const Function* current, Configuration& wanted,
                                    StageContext& context) {
    const Package& package = work.request.package;
    const FdIdentity& identity = work.request.target.identity;
    if (package.suffix == ".py") {
        wanted.code_reference = "data:text/plain;base64," + base64(package.archive.view());
        co_return;
    }
    BuildSettings build = work.session.settings.build;
    if (!build.configured())
        throw Error(ErrorKind::invalid_input,
                    "the code of '" + identity.function + "' has to be built by Code Engine")
            .hint("set providers.ibm.build");
    build.context_dir = filled(build.context_dir, identity);
    const std::string image =
        filled(build.output_image, identity) + ":" + image_tag(package.content_hash, build);
    wanted.code_reference = image;
    wanted.code_secret = build.output_secret;
    if (current && current->configuration.code_reference == image && !current->update_failed()) co_return;
    Task<void> building = builds_.ensure(work.session, build, image, wanted.runtime, context);
    co_await std::move(building);
    work.wrote = true;
}

Task<Configuration> CodeEngineDeployer::configuration(Work& work, const Function* current,
                                                      StageContext& context) {
    const DeployRequest& request = work.request;
    Configuration wanted;
    wanted.runtime = request.target.runtime;
    const Size& size = size_of(request.target.memory_mb);
    wanted.cpu = size.cpu;
    wanted.memory = size.memory;
    wanted.timeout = request.target.timeout_seconds;
    wanted.scale_down_delay = work.session.settings.scale_down_delay;
    wanted.domain_mappings = mappings_of(work.session.settings.visibility);
    auto& variables = wanted.variables;
    for (const auto& [name, value] : request.environment)
        variables[name].value = value;
    const std::string secret = secret_name(work.name);
    for (const auto& [name, value] : request.secrets)
        variables[name] = {"", secret, name};
    variables[sdk::probe_key_variable] = {"", secret, sdk::probe_key_variable};
    variables[mark::project].value = request.mark.project;
    variables[mark::fd].value = request.mark.fd;
    variables[mark::content].value = request.mark.content_hash;
    variables[memory_variable].value = std::to_string(request.target.memory_mb);
    variables[timeout_variable].value = std::to_string(wanted.timeout);
    Task<void> coding = code(work, current, wanted, context);
    co_await std::move(coding);
    co_return wanted;
}

Task<Error> CodeEngineDeployer::explained(const Session& session, Error refusal, std::string runtime,
                                          StageContext& context) {
    if (refusal.http_status() != 400) co_return refusal;
    Task<Outcome> listing = cloud_.attempt(session, code_engine::list_runtimes(), context);
    const Outcome listed = co_await std::move(listing);
    if (!listed.ok()) co_return refusal;
    const std::vector<std::string> offered =
        code_engine::read_runtimes(sdk::json_body(*listed.response, "codeengine:ListFunctionRuntimes"));
    if (offered.empty() || std::find(offered.begin(), offered.end(), runtime) != offered.end())
        co_return refusal;
    co_return Error(ErrorKind::invalid_input,
                    fmt::format("Code Engine in {} does not offer the runtime '{}'; it has {}",
                                session.region, runtime, fmt::join(offered, ", ")))
        .provider(400, refusal.provider_code(), refusal.provider_message())
        .hint("name the version of another one in providers.ibm.python");
}

/// The function, or nullopt when one is there already: then it is looked at again.
Task<std::optional<Function>> CodeEngineDeployer::create(Work& work, const Configuration& wanted,
                                                         StageContext& context) {
    const SteadyTime start = context.host.clock.steady_now();
    context.progress(Stage::deploy, "creating function " + work.name);
    ApiCall call = code_engine::create_function(work.session.project_id, work.name, wanted);
    Task<Outcome> creating = cloud_.attempt(work.session, std::move(call), context);
    const Outcome outcome = co_await std::move(creating);
    work.times.upload += since(context.host.clock, start);
    work.upload_ended = context.host.clock.steady_now();
    if (outcome.failure && already_exists(*outcome.failure)) co_return std::nullopt;
    if (outcome.failure) {
        Task<Error> explaining = explained(work.session, *outcome.failure, wanted.runtime, context);
        const Error told = co_await std::move(explaining);
        throw told;
    }
    work.wrote = work.created = true;
    Task<Function> waiting = wait_ready(work.session, work.name, true, context);
    co_return co_await std::move(waiting);
}

Task<Function> CodeEngineDeployer::update(const Session& session, Function current,
                                          std::function<Configuration(const Function&)> change, bool& wrote,
                                          StageContext& context) {
    constexpr int rounds = 5;
    for (int round = 0;; ++round) {
        if (!current.ready() && !current.failed() && !current.update_failed()) {
            Task<Function> settling = wait_ready(session, current.name, false, context);
            current = co_await std::move(settling);
        }
        const Configuration wanted = change(current);
        if (wanted == current.configuration && !current.other_variables && !current.update_failed())
            co_return current;
        context.progress(Stage::deploy, "updating function " + current.name);
        ApiCall call = code_engine::update_function(session.project_id, current, wanted);
        Task<Outcome> patching = cloud_.attempt(session, std::move(call), context);
        const Outcome patched = co_await std::move(patching);
        if (patched.ok()) {
            wrote = true;
            Task<Function> waiting = wait_ready(session, current.name, false, context);
            co_return co_await std::move(waiting);
        }
        if (patched.failure->kind() != ErrorKind::conflict || round + 1 == rounds) {
            Task<Error> explaining = explained(session, *patched.failure, wanted.runtime, context);
            const Error told = co_await std::move(explaining);
            throw told;
        }
        Task<std::optional<Function>> looking = look(session, current.name, context);
        std::optional<Function> again = co_await std::move(looking);
        if (!again) throw gone(current.name);
        current = std::move(*again);
    }
}

/// nullopt when it went meanwhile: a function that is being deleted looks like any other.
Task<std::optional<Function>> CodeEngineDeployer::bring_up_to(Work& work, Function current,
                                                              const Configuration& wanted,
                                                              StageContext& context) {
    const SteadyTime start = context.host.clock.steady_now();
    std::function<Configuration(const Function&)> change = [&wanted](const Function&) { return wanted; };
    std::optional<Function> now;
    try {
        Task<Function> updating =
            update(work.session, std::move(current), std::move(change), work.wrote, context);
        now = co_await std::move(updating);
    } catch (const Error& failure) {
        if (failure.kind() != ErrorKind::not_found) throw;
    }
    work.times.upload += since(context.host.clock, start);
    co_return now;
}

Task<Deployment> CodeEngineDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Clock& clock = context.host.clock;
    const FdIdentity& identity = request.target.identity;
    const SteadyTime start = clock.steady_now();
    Task<Session> opening = cloud_.session(request.settings, identity.region, identity.realm, context);
    Session session = co_await std::move(opening);
    Task<Session> entering = projects_.ensure(std::move(session), identity.project, context);
    Session inside = co_await std::move(entering);
    Work work{request, std::move(inside), request.target.cloud_name};
    work.upload_ended = clock.steady_now();
    Task<std::optional<Function>> looking = look(work.session, work.name, context);
    std::optional<Function> current = co_await std::move(looking);
    if (current) require_mark(read_mark(*current), described(work.name), identity);
    if (current && current->failed()) { // its creation failed: it can only be made anew
        Task<HttpResponse> clearing = cloud_.send(
            work.session, code_engine::delete_function(work.session.project_id, work.name), context);
        co_await std::move(clearing);
        Task<void> going = wait_gone(work.session, work.name, context);
        co_await std::move(going);
        current.reset();
    }
    Task<void> keeping = secrets(work, context);
    co_await std::move(keeping);
    Task<Configuration> preparing = configuration(work, current ? &*current : nullptr, context);
    const Configuration wanted = co_await std::move(preparing);
    if (current) {
        Task<std::optional<Function>> updating = bring_up_to(work, std::move(*current), wanted, context);
        current = co_await std::move(updating);
    }
    if (!current) {
        Task<std::optional<Function>> creating = create(work, wanted, context);
        current = co_await std::move(creating);
    }
    if (!current) { // somebody made it meanwhile, or the answer to our own request was lost
        Task<Function> waiting = wait_ready(work.session, work.name, true, context);
        Function theirs = co_await std::move(waiting);
        require_mark(read_mark(theirs), described(work.name), identity);
        Task<std::optional<Function>> updating = bring_up_to(work, std::move(theirs), wanted, context);
        current = co_await std::move(updating);
        if (!current) throw gone(work.name);
    }
    Deployment deployment = to_deployment(*current, request.mark, identity);
    deployment.probe_key = work.probe_key;
    deployment.details["account"] = work.session.account;
    deployment.details["project_id"] = work.session.project_id;
    deployment.action = work.created ? DeployAction::created
                        : work.wrote ? DeployAction::updated
                                     : DeployAction::unchanged;
    deployment.times = work.times;
    deployment.times.total = since(clock, start);
    deployment.times.activation = since(clock, work.upload_ended);
    co_return deployment;
}

} // namespace pyfops::ibm
