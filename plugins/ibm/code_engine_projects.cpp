// SPDX-License-Identifier: Apache-2.0
#include "code_engine_projects.hpp"

#include "errors.hpp"
#include "marks.hpp"

namespace pyfops::ibm {
namespace {

using code_engine::Project;

std::string name_of(const Session& session, const std::string& project) {
    return session.settings.project.empty() ? project_name(session.account, session.region, project)
                                            : session.settings.project;
}

std::string key_of(const Session& session, const std::string& name) {
    return session.base.str() + "/" + session.account + "/" + name;
}

} // namespace

Task<std::optional<Project>> CodeEngineProjects::look(Session session, std::string name,
                                                      StageContext& context) {
    std::string start;
    do {
        Task<json::value> listing = cloud_.send_json(session, code_engine::list_projects(start), context);
        const json::value answer = co_await std::move(listing);
        const auto page = code_engine::read_projects(answer);
        for (const Project& one : page.items)
            if ((one.name == name || one.id == name) && !one.gone()) co_return one;
        start = page.next;
    } while (!start.empty());
    co_return std::nullopt;
}

Task<sdk::Polled<std::string>> CodeEngineProjects::ask_active(const Session& session, const std::string& id,
                                                              StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, code_engine::get_project(id), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    sdk::Polled<std::string> answer;
    answer.state = "not visible yet"; // right after it was made
    if (!found.ok()) co_return answer;
    const Project project = code_engine::read_project(sdk::json_body(found.value(), "codeengine:GetProject"));
    if (project.failed() || project.gone())
        throw Error(ErrorKind::unavailable,
                    "the Code Engine project '" + project.name + "' is '" + project.status + "'")
            .hint("delete it with 'ibmcloud ce project delete --hard' and run the command again");
    answer.state = project.status;
    if (project.status == "active") answer.ready = project.id;
    co_return answer;
}

Task<std::string> CodeEngineProjects::wait_active(Session session, std::string id, StageContext& context) {
    std::function<Task<sdk::Polled<std::string>>()> ask = [this, &session, &id, &context] {
        return ask_active(session, id, context);
    };
    const std::string what = "the Code Engine project " + id;
    Task<std::string> waiting = sdk::poll<std::string>(context, Stage::deploy, what,
                                                       {.limit = std::chrono::minutes(10)}, std::move(ask));
    co_return co_await std::move(waiting);
}

Task<std::string> CodeEngineProjects::make(Session session, std::string name, std::string project,
                                           StageContext& context) {
    Task<std::optional<Project>> looking = look(session, name, context);
    std::optional<Project> found = co_await std::move(looking);
    if (found && found->failed()) { // it can only be made anew
        if (!session.settings.project.empty())
            throw Error(ErrorKind::unavailable, "the Code Engine project '" + name + "' could not be created")
                .hint("delete it, or name another in providers.ibm.project");
        Task<HttpResponse> clearing = cloud_.send(session, code_engine::delete_project(found->id), context);
        co_await std::move(clearing);
        found.reset();
    }
    if (!found && !session.settings.project.empty())
        throw Error(ErrorKind::not_found,
                    "there is no Code Engine project '" + name + "' in " + session.region)
            .hint("create it, or leave providers.ibm.project out: then one is made");
    if (!found) {
        context.progress(Stage::deploy, "creating the Code Engine project " + name);
        ApiCall call =
            code_engine::create_project(name, session.settings.resource_group, "pyfops:project:" + project);
        Task<Outcome> creating = cloud_.attempt(session, std::move(call), context);
        const Outcome created = co_await std::move(creating);
        if (created.ok()) {
            found = code_engine::read_project(sdk::json_body(created.value(), "codeengine:CreateProject"));
        } else {
            // Somebody was faster, or the answer to our own request was lost.
            Task<std::optional<Project>> again = look(session, name, context);
            found = co_await std::move(again);
            if (!found) throw *created.failure;
        }
    }
    if (found->status == "active") co_return found->id;
    Task<std::string> waiting = wait_active(session, found->id, context);
    co_return co_await std::move(waiting);
}

Task<Session> CodeEngineProjects::ensure(Session session, std::string project, StageContext& context) {
    const std::string name = name_of(session, project);
    std::function<Task<std::string>()> making = [this, &session, &name, &project, &context] {
        return make(session, name, project, context);
    };
    Task<std::string> getting = made_.get(key_of(session, name), std::move(making));
    session.project_id = co_await std::move(getting);
    co_return session;
}

Task<std::optional<Session>> CodeEngineProjects::find(Session session, std::string project,
                                                      StageContext& context) {
    const std::string name = name_of(session, project);
    Task<std::optional<Project>> looking = look(session, name, context);
    const std::optional<Project> found = co_await std::move(looking);
    if (!found) co_return std::nullopt;
    session.project_id = found->id;
    co_return session;
}

Task<sdk::Polled<bool>> CodeEngineProjects::ask_gone(const Session& session, const std::string& id,
                                                     StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, code_engine::get_project(id), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    sdk::Polled<bool> answer;
    if (!found.ok()) {
        answer.ready = true;
        co_return answer;
    }
    const Project project = code_engine::read_project(sdk::json_body(found.value(), "codeengine:GetProject"));
    if (project.status == "deletion_failed")
        throw Error(ErrorKind::unavailable, "Code Engine could not delete the project '" + project.name + "'")
            .hint("run the command again, or delete it with 'ibmcloud ce project delete'");
    answer.state = project.status;
    // Soft: it can be restored for a week, and goes then by itself.
    if (project.gone() && project.status != "deleting") answer.ready = true;
    co_return answer;
}

Task<void> CodeEngineProjects::remove(Session session, std::string project, StageContext& context) {
    if (!session.settings.project.empty()) co_return; // not ours
    const std::string name = name_of(session, project);
    Task<std::optional<Project>> looking = look(session, name, context);
    const std::optional<Project> found = co_await std::move(looking);
    if (!found) co_return;
    Task<json::value> listing =
        cloud_.send_json(session, code_engine::list_functions(found->id, ""), context);
    const json::value answer = co_await std::move(listing);
    const auto page = code_engine::read_functions(answer);
    if (!page.items.empty()) co_return; // somebody's function is in it, or one of a run at the same time
    made_.forget(key_of(session, name));
    Task<Outcome> deleting = cloud_.attempt(session, code_engine::delete_project(found->id), context);
    unless_absent(co_await std::move(deleting));
    const std::string id = found->id;
    std::function<Task<sdk::Polled<bool>>()> ask = [this, &session, &id, &context] {
        return ask_gone(session, id, context);
    };
    const std::string what = "the end of the Code Engine project " + name;
    Task<bool> waiting = sdk::poll<bool>(context, Stage::deploy, what, {}, std::move(ask));
    co_await std::move(waiting);
}

} // namespace pyfops::ibm
