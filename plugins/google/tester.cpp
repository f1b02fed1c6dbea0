// SPDX-License-Identifier: Apache-2.0
#include "tester.hpp"

#include "logging.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/sdk/rest.hpp"

#include <array>

namespace pyfops::google {
namespace {

/// Log entries are there some moments after what they tell of.
constexpr std::array<Milliseconds, 4> log_pauses{Milliseconds(0), Milliseconds(500), Milliseconds(1500),
                                                 Milliseconds(3000)};
constexpr int tail_lines = 100;

std::string service_of(const Deployment& deployment) {
    const std::string service = string_or(deployment.details, "service");
    return service.empty() ? deployment.cloud_name : service.substr(service.rfind('/') + 1);
}

} // namespace

Task<GoogleTester::Exchange> GoogleTester::call(const Session& session, const Deployment& deployment,
                                                std::string body, StageContext& context) {
    const Clock& clock = context.host.clock;
    Secret token;
    if (!session.settings.is_public || deployment.url.empty()) {
        const Url url = Url::parse(deployment.link);
        if (!is_function_url(url, cloud_.endpoint(session, "cloudfunctions", context)))
            throw Error(ErrorKind::conflict,
                        "no token is sent to " + url.authority() + ": that is no function of Google's")
                .hint("deploy it again: its link is not what Google gives");
        Task<Secret> getting = cloud_.id_token(session, deployment.link, context);
        token = co_await std::move(getting);
    }
    sdk::RestCall rest;
    rest.operation = "run:Invoke";
    rest.method = "POST";
    rest.url = Url::parse(deployment.link);
    rest.headers.set("Content-Type", "application/json");
    if (!token.empty()) rest.headers.set("Authorization", "Bearer " + token.expose(), true);
    rest.body = std::move(body);
    rest.idempotent = false; // the handler may have run
    // Every answer is looked at; only one that says that no instance took the event is repeated.
    std::function<Verdict(const HttpResponse&)> judge = [&deployment](const HttpResponse& answer) {
        Verdict verdict;
        if (answer.headers.has(sdk::function_error_header)) return verdict;
        verdict.throttled = answer.status == 429;
        verdict.retry = verdict.throttled || is_front_end_page(answer);
        if (verdict.retry) verdict.failure = platform_error(answer, deployment, {});
        return verdict;
    };
    // Never earlier than the function itself: its start and the way there and back come on top.
    const Milliseconds patience = std::chrono::seconds(deployment.timeout_seconds + 60);
    StageContext limited{context.host, context.deadline.within(clock, patience), context.subject};
    Exchange exchange;
    exchange.sent = cloud_.now(clock);
    const SteadyTime start = clock.steady_now();
    Task<HttpResponse> sending = sdk::send(limited, std::move(rest), {}, {}, {}, std::move(judge));
    try {
        exchange.answer = co_await std::move(sending);
    } catch (const Error& failure) {
        if (!may_have_ended(failure.http_status().value_or(0))) throw;
        exchange.refused = failure;
    }
    exchange.round_trip = std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
    co_return exchange;
}

Task<std::optional<FunctionError>> GoogleTester::look_for_cause(const Session& session,
                                                                const Deployment& deployment,
                                                                SystemTime since, StageContext& context) {
    // Clocks differ a little, and the query has whole seconds.
    const logging::Query query{session.project, session.region, service_of(deployment),
                               since - std::chrono::seconds(2), true};
    for (const Milliseconds pause : log_pauses) {
        if (pause.count() > 0) {
            Task<void> wait = context.host.clock.sleep(pause);
            co_await std::move(wait);
        }
        Task<Outcome> asking = cloud_.attempt(session, logging::list_entries(query, tail_lines, {}), context);
        const Outcome answer = co_await std::move(asking);
        if (!answer.ok()) break; // who may call need not have the right to read logs
        const auto page = logging::read_page(sdk::json_body(*answer.response, "logging:ListLogEntries"));
        if (auto found = read_ending(page.lines)) co_return found;
    }
    co_return std::nullopt;
}

Task<std::string> GoogleTester::recent_lines(const Session& session, const Deployment& deployment,
                                             SystemTime since, StageContext& context) {
    const logging::Query query{session.project, session.region, service_of(deployment), since};
    ApiCall call = logging::list_entries(query, tail_lines, {});
    call.attempts = 1; // the answer does not wait for its log
    Task<Outcome> asking = cloud_.attempt(session, std::move(call), context);
    const Outcome answer = co_await std::move(asking);
    std::string tail;
    if (!answer.ok()) co_return tail;
    const auto page = logging::read_page(sdk::json_body(*answer.response, "logging:ListLogEntries"));
    for (auto line = page.lines.rbegin(); line != page.lines.rend(); ++line)
        tail += line->text + "\n";
    co_return tail;
}

Task<Invocation> GoogleTester::invoke(const InvokeRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    std::string body = sdk::event_body(request, info_.limits.event_bytes);
    Task<Session> opening =
        cloud_.session(request.settings, deployment.identity.region, context, deployment.identity.realm);
    const Session session = co_await std::move(opening);
    Task<Exchange> calling = call(session, deployment, std::move(body), context);
    const Exchange exchange = co_await std::move(calling);
    const HttpResponse& answer = exchange.answer;
    std::optional<Invocation> invocation;
    if (!exchange.refused) invocation = sdk::read_http_answer(answer, request.probe, "run:Invoke");
    if (!invocation) {
        std::optional<FunctionError> error = read_timeout(answer, deployment.timeout_seconds);
        if (exchange.refused || may_have_ended(answer.status)) {
            Task<std::optional<FunctionError>> looking =
                look_for_cause(session, deployment, exchange.sent, context);
            error = co_await std::move(looking);
        }
        if (!error) {
            if (exchange.refused) throw *exchange.refused;
            if (answer.status == 401) cloud_.forget_id_token(deployment.link);
            throw platform_error(answer, deployment, session.credentials->principal);
        }
        invocation.emplace();
        invocation->error = std::move(error);
        invocation->ran_on = answer.headers.get("x-pyfops-ran-on");
    }
    invocation->round_trip = exchange.round_trip;
    const std::string trace = answer.headers.get("X-Cloud-Trace-Context");
    invocation->request_id = trace.substr(0, trace.find_first_of("/;"));
    if (request.logs) {
        Task<std::string> reading = recent_lines(session, deployment, exchange.sent, context);
        invocation->log_tail = co_await std::move(reading);
    }
    co_return std::move(*invocation);
}

} // namespace pyfops::google
