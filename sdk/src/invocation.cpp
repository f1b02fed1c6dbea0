// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/invocation.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/rest.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops::sdk {
namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::string> stack_of(const json::value& document, std::string_view key) {
    std::vector<std::string> stack;
    if (const json::value* lines = find(document, key); lines && lines->is_array())
        for (const json::value& line : lines->as_array())
            if (const auto* text = line.if_string()) {
                std::string one(*text);
                while (!one.empty() && one.back() == '\n')
                    one.pop_back();
                // The entry file is not the user's.
                if (!contains(one, "_pyfops_")) stack.push_back(std::move(one));
            }
    return stack;
}

/// "RequestId: 5c61435f-... Error: Task timed out": the id is no part of what happened.
std::string without_request_id(std::string message) {
    static constexpr std::string_view id = "RequestId: ", text = " Error: ";
    if (!message.starts_with(id)) return message;
    const auto end = message.find(text);
    return end == std::string::npos ? message : message.substr(end + text.size());
}

std::optional<double> real(const json::value& value, std::string_view key) {
    const json::value* member = find(value, key);
    if (!member || !member->is_number()) return std::nullopt;
    return member->to_number<double>();
}

void read_probe(const json::value& measured, Invocation& invocation) {
    if (const json::value* failure = find(measured, "error")) {
        FunctionError error;
        error.type = string_or(*failure, "type");
        error.message = string_or(*failure, "message");
        error.stack = stack_of(*failure, "stack");
        error.cause = cause_of(error);
        invocation.error = std::move(error);
    } else {
        const json::value* result = find(measured, "result");
        invocation.output = result ? *result : json::value(nullptr);
    }
    if (const auto duration = real(measured, "duration_ms")) invocation.duration_ms = duration;
    if (const auto peak = integer_or(measured, "peak_rss_kb"); peak > 0)
        invocation.peak_rss_kb = static_cast<std::size_t>(peak);
    if (const json::value* cold = find(measured, "cold_start"); cold && cold->is_bool())
        invocation.cold = cold->as_bool();
    invocation.instance = string_or(measured, "instance");
    invocation.ran_on = string_or(measured, "python");
}

} // namespace

std::string event_body(const InvokeRequest& request, std::size_t limit) {
    const Deployment& deployment = request.deployment;
    if (request.probe && deployment.probe_key.empty())
        throw Error(ErrorKind::conflict, "the probe key of '" + deployment.cloud_name + "' is not known")
            .hint("deploy it again");
    std::string body;
    if (request.probe) {
        json::object inner{{"v", 1}, {"key", deployment.probe_key.expose()}, {"event", request.event}};
        body = json::serialize(json::object{{"__pyfops__", std::move(inner)}});
    } else {
        body = json::serialize(request.event);
    }
    if (body.size() > limit)
        throw Error(ErrorKind::invalid_input, "the event has " + std::to_string(body.size()) + " bytes; " +
                                                  deployment.identity.provider + " takes " +
                                                  std::to_string(limit));
    return body;
}

FunctionError::Cause cause_of(const FunctionError& error) {
    using Cause = FunctionError::Cause;
    const std::string& type = error.type;
    if (type == "Sandbox.Timedout" || contains(error.message, "Task timed out after"))
        return Cause::timed_out;
    if (type == "Runtime.OutOfMemory" || contains(error.message, "signal: killed"))
        return Cause::out_of_memory;
    if (type == "Runtime.ExitError" || type == "SystemExit") return Cause::exited;
    if (type == "Runtime.MarshalError" || type == "Function.ResponseSizeTooLarge") return Cause::bad_answer;
    if (type.starts_with("Runtime.")) return Cause::not_loaded; // import, syntax, handler, initialisation
    return Cause::raised;
}

FunctionError read_error_document(const json::value& document) {
    FunctionError error;
    error.type = string_or(document, "errorType");
    error.message = without_request_id(string_or(document, "errorMessage"));
    error.stack = stack_of(document, "stackTrace");
    error.cause = cause_of(error);
    return error;
}

void read_answer(const json::value& body, bool probe, Invocation& invocation) {
    if (!probe) {
        invocation.output = body;
        return;
    }
    const json::value* measured = find(body, "__pyfops__");
    // A function that gives its event back, because it did not know the key, answers with the call itself.
    const bool understood = measured && integer_or(*measured, "v") == 1 &&
                            (find(*measured, "result") || find(*measured, "error"));
    if (!understood)
        throw Error(ErrorKind::conflict, "the deployed function does not answer probe calls")
            .hint("deploy it again: its code or its probe key was changed from outside");
    read_probe(*measured, invocation);
}

std::optional<Invocation> read_http_answer(const HttpResponse& answer, bool probe,
                                           const std::string& operation) {
    const bool good = answer.status >= 200 && answer.status < 300;
    const bool failed = answer.headers.get(function_error_header) == function_error_value;
    if (!good && !failed) return std::nullopt;
    Invocation invocation;
    const json::value body = json_body(answer, operation);
    // The local cloud's own: it may have run on another Python than the one that was asked for.
    invocation.ran_on = answer.headers.get("x-pyfops-ran-on");
    if (failed)
        invocation.error = read_error_document(body);
    else
        read_answer(body, probe, invocation);
    return invocation;
}

} // namespace pyfops::sdk
