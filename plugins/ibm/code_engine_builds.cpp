// SPDX-License-Identifier: Apache-2.0
#include "code_engine_builds.hpp"

#include "errors.hpp"
#include "marks.hpp"

namespace pyfops::ibm {
namespace {

using code_engine::BuildRun;

std::string hint_for(const std::string& reason, const BuildSettings& build) {
    if (reason == "missing_registry_access")
        return "check that the secret '" + build.output_secret + "' may push to " + build.output_image;
    if (reason == "missing_code_repo_access")
        return "check source_url, revision and context_dir, and source_secret for a private repository";
    if (reason == "missing_secrets")
        return "make the registry secret '" + build.output_secret + "' in the Code Engine project";
    if (reason == "timeout") return "raise providers.ibm.build.timeout";
    return "'ibmcloud ce buildrun logs' shows what the build printed";
}

Secret password_of(const BuildSettings& build, const System& system) {
    const std::string name = build.registry_password.substr(std::string_view("env:").size());
    const auto value = system.variable(name);
    if (!value || value->empty())
        throw Error(ErrorKind::unauthenticated,
                    "the variable " + name + " with the registry's password is not set")
            .hint("export it, or make the registry secret yourself and name it in output_secret");
    return Secret(*value);
}

} // namespace

/// Only where the project gives the password; else the secret is the user's own.
Task<void> CodeEngineBuilds::registry_secret(const Session& session, const BuildSettings& build,
                                             const std::string& image, StageContext& context) {
    if (build.registry_password.empty()) co_return;
    SecretData data;
    data["username"] = Secret(build.registry_username);
    data["password"] = password_of(build, context.host.system);
    data["server"] = Secret(image.substr(0, image.find('/')));
    const std::string& name = build.output_secret;
    Task<Outcome> asking =
        cloud_.attempt(session, code_engine::get_secret(session.project_id, name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) {
        ApiCall call = code_engine::create_secret(session.project_id, name, "registry", data);
        Task<Outcome> creating = cloud_.attempt(session, std::move(call), context);
        const Outcome created = co_await std::move(creating);
        if (created.failure && !already_exists(*created.failure)) throw *created.failure;
        co_return;
    }
    const auto stored = code_engine::read_secret(sdk::json_body(found.value(), "codeengine:GetSecret"));
    SecretData known = stored.data;
    known.erase("email");
    if (same(known, data)) co_return;
    ApiCall call = code_engine::replace_secret(session.project_id, name, "registry", data, stored.entity_tag);
    Task<HttpResponse> replacing = cloud_.send(session, std::move(call), context);
    co_await std::move(replacing);
}

Task<sdk::Polled<BuildRun>> CodeEngineBuilds::ask(const Session& session, const std::string& name,
                                                  StageContext& context) {
    Task<Outcome> asking =
        cloud_.attempt(session, code_engine::get_build_run(session.project_id, name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    sdk::Polled<BuildRun> answer;
    answer.state = "not visible yet";
    if (!found.ok()) co_return answer;
    BuildRun run = code_engine::read_build_run(sdk::json_body(found.value(), "codeengine:GetBuildRun"));
    answer.state = run.status;
    if (run.done() || run.failed()) answer.ready = std::move(run);
    co_return answer;
}

Task<bool> CodeEngineBuilds::run(Session session, BuildSettings build, std::string image, std::string runtime,
                                 StageContext& context) {
    Task<void> preparing = registry_secret(session, build, image, context);
    co_await std::move(preparing);
    const std::string name = build_run_name(image);
    const std::string& project = session.project_id;
    Task<Outcome> asking = cloud_.attempt(session, code_engine::get_build_run(project, name), context);
    Outcome found = unless_absent(co_await std::move(asking));
    if (found.ok()) {
        const BuildRun left =
            code_engine::read_build_run(sdk::json_body(found.value(), "codeengine:GetBuildRun"));
        if (left.failed()) { // of an earlier run
            Task<Outcome> clearing =
                cloud_.attempt(session, code_engine::delete_build_run(project, name), context);
            unless_absent(co_await std::move(clearing));
            found = {};
        }
    }
    if (!found.ok()) {
        context.progress(Stage::deploy, "building " + image);
        ApiCall call = code_engine::create_build_run(project, name, build, image, runtime);
        Task<Outcome> creating = cloud_.attempt(session, std::move(call), context);
        const Outcome created = co_await std::move(creating);
        if (created.failure && !already_exists(*created.failure)) throw *created.failure;
    }
    std::function<Task<sdk::Polled<BuildRun>>()> question = [this, &session, &name, &context] {
        return ask(session, name, context);
    };
    const std::string what = "the build of " + image;
    const Milliseconds limit = std::chrono::seconds(build.timeout_seconds + 60);
    Task<BuildRun> waiting =
        sdk::poll<BuildRun>(context, Stage::deploy, what, {.limit = limit}, std::move(question));
    const BuildRun ended = co_await std::move(waiting);
    if (ended.failed())
        throw Error(ErrorKind::invalid_input,
                    "Code Engine could not build the code of " + build.source_url + ": " + ended.reason)
            .provider(200, ended.reason, "")
            .hint(hint_for(ended.reason, build));
    // A project has room for 100 of them, and the image is there.
    Task<Outcome> clearing = cloud_.attempt(session, code_engine::delete_build_run(project, name), context);
    unless_absent(co_await std::move(clearing));
    co_return true;
}

Task<void> CodeEngineBuilds::ensure(Session session, BuildSettings build, std::string image,
                                    std::string runtime, StageContext& context) {
    std::function<Task<bool>()> making = [this, &session, &build, &image, &runtime, &context] {
        return run(session, build, image, runtime, context);
    };
    Task<bool> building = built_.get(session.project_id + "/" + image, std::move(making));
    co_await std::move(building);
}

} // namespace pyfops::ibm
