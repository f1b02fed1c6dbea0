// SPDX-License-Identifier: Apache-2.0
#include "code_engine_tester.hpp"

#include "catalog.hpp"
#include "endpoints.hpp"
#include "errors.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>

namespace pyfops::ibm {
namespace {

/// What the documentation says is worth repeating.
constexpr std::array retryable{424, 429, 500, 502, 503};
/// Set by Code Engine when it was the function that chose the status.
constexpr const char* status_header = "x-faas-actionstatus";

bool is_functions_own(const HttpResponse& answer) {
    return answer.status != 299 &&
           (answer.headers.has(status_header) ||
            answer.headers.get(sdk::function_error_header) == sdk::function_error_value);
}

std::string words_of(const HttpResponse& answer) {
    const std::string header = answer.headers.get("x-faas-errormessage");
    return header.empty() ? read_error(answer).message : header;
}

Verdict judge_call(const HttpResponse& answer, const CallNote& note) {
    Verdict verdict;
    const bool good = answer.status >= 200 && answer.status < 300;
    if (good || is_functions_own(answer)) return verdict;
    const ApiError error{answer.status, "", words_of(answer)};
    verdict.failure = to_error(error, note);
    verdict.throttled = answer.status == 429;
    verdict.retry = std::find(retryable.begin(), retryable.end(), answer.status) != retryable.end();
    return verdict;
}

} // namespace

std::optional<FunctionError> read_platform_answer(const HttpResponse& answer) {
    using Cause = FunctionError::Cause;
    FunctionError error;
    error.message = words_of(answer);
    switch (answer.status) {
    case 299:
        error.cause = Cause::timed_out;
        error.type = "CodeEngine.Timeout";
        if (error.message.empty()) error.message = "the function ran longer than its maximum execution time";
        return error;
    case 416:
        error.cause = Cause::bad_answer;
        error.type = "CodeEngine.AnswerTooLarge";
        return error;
    case 422: // the code itself, or a status that is none
        error.cause = Cause::not_loaded;
        error.type = "CodeEngine.InvalidCode";
        return error;
    case 424: { // could not be executed, several times
        const std::string text = lower_case(error.message);
        const bool memory = text.find("memory") != std::string::npos;
        error.cause = memory ? Cause::out_of_memory : Cause::exited;
        error.type = memory ? "CodeEngine.OutOfMemory" : "CodeEngine.NotExecuted";
        return error;
    }
    default:
        return std::nullopt;
    }
}

Task<Invocation> CodeEngineTester::invoke(const InvokeRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    sdk::RestCall call;
    call.operation = "codeengine:Invoke";
    call.method = "POST";
    call.url = Url::parse(deployment.link);
    call.headers.set("Content-Type", "application/json");
    call.body = sdk::event_body(request, catalog().limits.event_bytes);
    call.max_response_bytes = catalog().limits.answer_bytes + (1u << 20);
    const CallNote note{call.operation, "the function " + deployment.cloud_name,
                        "Code Engine in " + deployment.identity.region, ""};
    HttpResponse last;
    std::function<Verdict(const HttpResponse&)> verdict = [&last, note](const HttpResponse& answer) {
        last = answer;
        return judge_call(answer, note);
    };
    std::function<void(HttpRequest&)> open_to_all = [](HttpRequest&) {};
    const Clock& clock = context.host.clock;
    const SteadyTime start = clock.steady_now();
    std::optional<Error> refused;
    try {
        Task<HttpResponse> sending = sdk::send(context, std::move(call), RetryPolicy{.max_attempts = 4},
                                               std::string(), std::move(open_to_all), std::move(verdict));
        last = co_await std::move(sending);
    } catch (const Error& failure) {
        if (failure.http_status() == std::nullopt) throw; // no answer at all
        refused = failure;
    }
    std::optional<Invocation> read;
    if (!refused && last.status != 299)
        read = sdk::read_http_answer(last, request.probe, "codeengine:Invoke");
    if (!read) {
        const std::optional<FunctionError> error = read_platform_answer(last);
        if (!error && refused) throw *refused;
        read.emplace();
        // A status that the function's own code chose, without the wrapper's mark: it is not ours any more.
        read->error = error
                          ? *error
                          : FunctionError{FunctionError::Cause::bad_answer,
                                          "CodeEngine.Status",
                                          "the function answered with status " + std::to_string(last.status),
                                          {}};
        read->ran_on = last.headers.get("x-pyfops-ran-on");
    }
    read->request_id = last.headers.get("x-faas-activation-id");
    read->round_trip = std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
    co_return std::move(*read);
}

} // namespace pyfops::ibm
