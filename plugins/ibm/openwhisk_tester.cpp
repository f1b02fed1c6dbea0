// SPDX-License-Identifier: Apache-2.0
#include "openwhisk_tester.hpp"

#include "catalog.hpp"
#include "errors.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/sdk/poll.hpp"
#include "pyfops/sdk/rest.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm {
namespace {

constexpr const char* id_header = "x-openwhisk-activation-id";
/// The record of a call is written a moment after its answer.
constexpr Milliseconds record_patience = std::chrono::seconds(5);
/// A web action is waited for this long; then there is only the record.
constexpr Milliseconds longest_wait = std::chrono::minutes(6);

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// In the words of OpenWhisk: Messages.scala.
FunctionError platform_error(const json::value& result, const std::string& status) {
    using Cause = FunctionError::Cause;
    FunctionError error;
    const json::value* said = find(result, "error");
    error.message = said && said->is_string() ? std::string(said->get_string()) : status;
    error.type = "OpenWhisk.DeveloperError";
    error.cause = Cause::exited;
    if (says(error.message, "exceeded its time limits"))
        error.cause = Cause::timed_out;
    else if (says(error.message, "exhausted its memory"))
        error.cause = Cause::out_of_memory;
    else if (says(error.message, "initializ") || says(error.message, "invalid code"))
        error.cause = Cause::not_loaded;
    else if (says(error.message, "dictionary") || says(error.message, "valid JSON") ||
             says(error.message, "larger than"))
        error.cause = Cause::bad_answer;
    return error;
}

/// {statusCode, headers, body} as the host makes an answer of it.
HttpResponse answer_of(const json::value& result) {
    HttpResponse answer;
    answer.status = static_cast<int>(integer_or(result, "statusCode", 200));
    if (const json::value* headers = find(result, "headers"); headers && headers->is_object())
        for (const auto& header : headers->as_object())
            if (const auto* text = header.value().if_string())
                answer.headers.set(std::string(header.key()), std::string(*text));
    answer.body = base64_decode(string_or(result, "body"));
    return answer;
}

} // namespace

Invocation read_activation(const openwhisk::Activation& activation, bool probe) {
    Invocation invocation;
    const json::value* failed = find(activation.result, "error");
    const json::value* sent = failed && failed->is_object() ? failed : &activation.result;
    if (sent->is_object() && find(*sent, "statusCode")) {
        if (auto read = sdk::read_http_answer(answer_of(*sent), probe, "openwhisk:InvokeWebAction"))
            return std::move(*read);
    }
    invocation.error = platform_error(activation.result, activation.status);
    return invocation;
}

Task<std::optional<openwhisk::Activation>>
OpenWhiskTester::activation(Whisk whisk, std::string id, Milliseconds patience, StageContext& context) {
    StageContext limited{context.host, context.deadline.within(context.host.clock, patience),
                         context.subject};
    Milliseconds pause{50};
    for (;;) {
        Task<Outcome> asking =
            cloud_.attempt(whisk, openwhisk::get_activation(whisk.name_space, id), limited);
        const Outcome found = co_await std::move(asking);
        if (found.ok())
            co_return openwhisk::read_activation(sdk::json_body(found.value(), "openwhisk:GetActivation"));
        if (!found.failed_with(ErrorKind::not_found) || limited.deadline.left(context.host.clock) <= pause)
            co_return std::nullopt; // only measurements are lost
        Task<void> wait = context.host.clock.sleep(pause);
        co_await std::move(wait);
        pause = std::min(pause * 2, Milliseconds(1000));
    }
}

Task<HttpResponse> OpenWhiskTester::call(const InvokeRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    sdk::RestCall rest;
    rest.operation = "openwhisk:InvokeWebAction";
    rest.method = "POST";
    rest.url = Url::parse(deployment.link);
    rest.headers.set("Content-Type", "application/json");
    rest.body = sdk::event_body(request, openwhisk_catalog().limits.event_bytes);
    const CallNote note{rest.operation, "the action " + deployment.cloud_name, rest.url.host, ""};
    std::function<Verdict(const HttpResponse&)> verdict = [note](const HttpResponse& answer) {
        const bool ours = answer.headers.get(sdk::function_error_header) == sdk::function_error_value;
        // An activation was made: what became of it is told by its record.
        if (ours || answer.headers.has(id_header)) return Verdict{};
        return judge(answer, note);
    };
    std::function<void(HttpRequest&)> open_to_all = [](HttpRequest&) {};
    Task<HttpResponse> sending = sdk::send(context, std::move(rest), RetryPolicy{.max_attempts = 4},
                                           std::string(), std::move(open_to_all), std::move(verdict));
    co_return co_await std::move(sending);
}

Task<Invocation> OpenWhiskTester::invoke(const InvokeRequest& request, StageContext& context) {
    Task<Whisk> opening = cloud_.session(request.settings, request.deployment.identity.realm, context);
    const Whisk whisk = co_await std::move(opening);
    const Clock& clock = context.host.clock;
    const SteadyTime start = clock.steady_now();
    Task<HttpResponse> calling = call(request, context);
    const HttpResponse answer = co_await std::move(calling);
    const auto round_trip = std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
    std::optional<Invocation> read;
    if (answer.status != 202)
        read = sdk::read_http_answer(answer, request.probe, "openwhisk:InvokeWebAction");

    const std::string id = answer.headers.get(id_header);
    std::optional<openwhisk::Activation> record;
    if (!id.empty() && (!read || request.logs || request.probe)) {
        const Milliseconds patience = answer.status == 202 ? longest_wait : record_patience;
        Task<std::optional<openwhisk::Activation>> asking = activation(whisk, id, patience, context);
        record = co_await std::move(asking);
    }
    if (!read) {
        if (!record)
            throw to_error(read_error(answer),
                           {"openwhisk:InvokeWebAction", "the action " + request.deployment.cloud_name,
                            whisk.base.host, ""});
        read = read_activation(*record, request.probe);
        read->ran_on = answer.headers.get("x-pyfops-ran-on");
    }
    read->request_id = id;
    read->round_trip = round_trip;
    if (record) {
        read->billed_ms = record->duration_ms;
        if (!read->duration_ms) read->duration_ms = record->duration_ms - record->init_ms.value_or(0);
        read->init_ms = record->init_ms;
        if (!read->cold) read->cold = record->init_ms.has_value();
        for (const std::string& line : record->logs)
            read->log_tail += openwhisk::read_log_line(line, record->start).text + "\n";
    }
    co_return std::move(*read);
}

} // namespace pyfops::ibm
