// SPDX-License-Identifier: Apache-2.0
// Writes that take their time: operations and the state of the function they are about.
#include "deployer.hpp"

#include "pyfops/sdk/rest.hpp"
#include "run_service.hpp"

#include <algorithm>

namespace pyfops::google {
namespace {

/// Builds take minutes; changes of the configuration seconds.
const sdk::PollPolicy patience{
    .first = Milliseconds(150), .cap = Milliseconds(5000), .factor = 1.4, .limit = std::chrono::minutes(20)};
constexpr int policy_attempts = 5;

} // namespace

Task<GoogleDeployer::MaybeFunction> GoogleDeployer::look(const Session& session, const std::string& name,
                                                         StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, functions::get_function(session.parent(), name), context);
    const Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::not_found)) co_return std::nullopt;
    co_return functions::read_function(sdk::json_body(found.value(), "cloudfunctions:GetFunction"));
}

Task<sdk::Polled<GoogleDeployer::MaybeFunction>>
GoogleDeployer::ask_state(const Session& session, const std::string& name, StageContext& context) {
    Task<MaybeFunction> looking = look(session, name, context);
    MaybeFunction found = co_await std::move(looking);
    sdk::Polled<MaybeFunction> answer;
    if (found) answer.state = found->state;
    if (answer.state != "DEPLOYING" && answer.state != "DELETING") answer.ready.emplace(std::move(found));
    co_return answer;
}

Task<GoogleDeployer::MaybeFunction> GoogleDeployer::settled(const Session& session, std::string name,
                                                            StageContext& context) {
    std::function<Task<sdk::Polled<MaybeFunction>>()> ask = [this, &session, &name, &context] {
        return ask_state(session, name, context);
    };
    const std::string what = "function " + name;
    Task<MaybeFunction> waiting =
        sdk::poll<MaybeFunction>(context, Stage::deploy, what, patience, std::move(ask));
    co_return co_await std::move(waiting);
}

Task<sdk::Polled<functions::Operation>>
GoogleDeployer::ask_operation(const Session& session, const std::string& name, StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, functions::get_operation(name), context);
    const Outcome found = co_await std::move(asking);
    sdk::Polled<functions::Operation> answer;
    functions::Operation operation;
    if (found.failed_with(ErrorKind::not_found))
        operation.done = true; // long over: the function's state tells how it ended
    else
        operation = functions::read_operation(sdk::json_body(found.value(), "cloudfunctions:GetOperation"));
    answer.state = operation.stage.empty() ? "under way" : operation.stage;
    if (operation.done) answer.ready = std::move(operation);
    co_return answer;
}

Task<void> GoogleDeployer::finish(const Session& session, functions::Operation operation,
                                  const std::string& name, const std::string& call, StageContext& context) {
    if (!operation.done) {
        std::function<Task<sdk::Polled<functions::Operation>>()> ask = [this, &session, &operation,
                                                                        &context] {
            return ask_operation(session, operation.name, context);
        };
        const std::string what = "function " + name;
        Task<functions::Operation> waiting =
            sdk::poll<functions::Operation>(context, Stage::deploy, what, patience, std::move(ask));
        functions::Operation ended = co_await std::move(waiting);
        operation = std::move(ended);
    }
    if (!operation.error) co_return;
    CallNote note;
    note.operation = call;
    note.region = session.region;
    note.project = session.project;
    note.credentials = session.credentials->source;
    note.principal = session.credentials->principal;
    throw to_error(read_status(*operation.error), note);
}

Task<void> GoogleDeployer::perform(const Session& session, std::string name, ApiCall call,
                                   StageContext& context) {
    const std::string operation_name = call.name();
    const bool deletes = call.operation == "DeleteFunction";
    Milliseconds pause = patience.first;
    for (;;) {
        std::optional<Error> busy;
        try {
            Task<json::value> sending = cloud_.send_json(session, call, context);
            const json::value answer = co_await std::move(sending);
            functions::Operation operation = functions::read_operation(answer);
            Task<void> finishing = finish(session, std::move(operation), name, operation_name, context);
            co_await std::move(finishing);
            co_return;
        } catch (const Error& failure) {
            if (deletes && failure.kind() == ErrorKind::not_found) co_return;
            if (!is_busy(failure)) throw;
            busy = failure;
        }
        if (context.deadline.passed(context.host.clock)) throw *busy;
        Task<void> wait = context.host.clock.sleep(pause);
        co_await std::move(wait);
        pause = std::min(pause * 2, patience.cap);
        Task<MaybeFunction> waiting = settled(session, name, context);
        co_await std::move(waiting);
    }
}

Task<bool> GoogleDeployer::set_access(const Session& session, std::string service, bool open,
                                      StageContext& context) {
    if (service.empty()) co_return false; // it never had one
    for (int attempt = 1;; ++attempt) {
        Task<json::value> reading = cloud_.send_json(session, run_service::get_policy(service), context);
        const json::value answer = co_await std::move(reading);
        const json::object policy = answer.is_object() ? answer.as_object() : json::object();
        if (run_service::is_public(policy) == open) co_return false;
        ApiCall call = run_service::set_policy(service, run_service::with_public(policy, open));
        Task<Outcome> writing = cloud_.attempt(session, std::move(call), context);
        const Outcome written = co_await std::move(writing);
        if (written.ok()) co_return true;
        // Somebody else changed the policy in between: its etag is another one.
        if (!is_busy(*written.failure) || attempt == policy_attempts) throw *written.failure;
    }
}

} // namespace pyfops::google
