// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include "catalog.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/secret.hpp"

namespace pyfops::azure {
namespace {

bool is_functions_own(const HttpResponse& answer) {
    return answer.headers.get(sdk::function_error_header) == sdk::function_error_value;
}

Error platform_error(int status, const std::string& app) {
    switch (status) {
    case 401:
    case 403:
        return Error(ErrorKind::unauthenticated, "the function app '" + app + "' refuses its own key")
            .hint("run the command again: keys of a new app take a moment");
    case 404:
        return Error(ErrorKind::not_found, "the function app '" + app + "' has no such function")
            .hint("deploy it again; the app's log says why its function is not loaded");
    case 413:
        return Error(ErrorKind::limit_exceeded, "the event is too large for Azure")
            .hint("100 MB can be sent");
    case 429:
        return Error(ErrorKind::throttled,
                     "the function app '" + app + "' has no instance left for this call")
            .hint("run fewer tests at a time, or ask for a higher quota");
    default:
        return Error(ErrorKind::unavailable, "Azure answered " + std::to_string(status) +
                                                 " in place of the function app '" + app + "'")
            .hint("run the command again");
    }
}

FunctionError ended(FunctionError::Cause cause, std::string type, std::string message) {
    FunctionError error;
    error.cause = cause;
    error.type = std::move(type);
    error.message = std::move(message);
    return error;
}

} // namespace

Verdict judge_invocation(const HttpResponse& answer, const std::string& app) {
    Verdict verdict;
    const bool good = answer.status >= 200 && answer.status < 300;
    // 500: the host is well, the function's process is not. 504: the load balancer waited long enough.
    if (good || is_functions_own(answer) || answer.status == 500 || answer.status == 504) return verdict;
    verdict.failure =
        platform_error(answer.status, app).provider(answer.status, "", excerpt(answer.body, 200));
    verdict.throttled = answer.status == 429;
    // A host that has just been told of its function answers 404 or 503 for a moment.
    verdict.retry = answer.status == 429 || answer.status == 503 || answer.status == 404;
    return verdict;
}

Invocation read_invocation(const HttpResponse& answer, bool probe, Milliseconds round_trip,
                           int timeout_seconds) {
    using Cause = FunctionError::Cause;
    auto told = sdk::read_http_answer(answer, probe, "azure:Invoke");
    Invocation invocation = told ? std::move(*told) : Invocation{};
    invocation.ran_on = invocation.ran_on.empty() ? answer.headers.get("x-pyfops-ran-on") : invocation.ran_on;
    invocation.round_trip = round_trip;
    invocation.request_id = answer.headers.get("x-ms-invocation-id");
    if (invocation.peak_rss_kb) // Azure itself measures nothing that it tells
        invocation.memory_used_mb = static_cast<int>((*invocation.peak_rss_kb + 1023) / 1024);
    if (told) return invocation;
    const double seconds = static_cast<double>(round_trip.count()) / 1000;
    if (answer.status == 504)
        invocation.error =
            ended(Cause::timed_out, "Azure.GatewayTimeout",
                  "Azure waits " + std::to_string(http_answer_seconds) + " seconds for an answer");
    else if (timeout_seconds > 0 && seconds >= timeout_seconds)
        invocation.error = ended(Cause::timed_out, "Azure.FunctionTimeout",
                                 "Task timed out after " + std::to_string(timeout_seconds) + " seconds");
    else
        invocation.error =
            ended(Cause::exited, "Azure.WorkerExited",
                  "the process of the function ended without an answer; Azure does not say why, too "
                  "little memory is one reason");
    return invocation;
}

} // namespace pyfops::azure
