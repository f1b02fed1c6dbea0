// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/rest.hpp"
#include "report.hpp"

#include <boost/json.hpp>

namespace pyfops::aws {
namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

FunctionError::Cause cause_of(const FunctionError& error, const json::value& body) {
    using Cause = FunctionError::Cause;
    const std::string& type = error.type;
    if (type == "Sandbox.Timedout" || contains(error.message, "Task timed out after"))
        return Cause::timed_out;
    if (type == "Runtime.OutOfMemory" || contains(error.message, "signal: killed"))
        return Cause::out_of_memory;
    if (type == "Runtime.ExitError" || type == "SystemExit") return Cause::exited;
    if (type == "Runtime.MarshalError" || type == "Function.ResponseSizeTooLarge") return Cause::bad_answer;
    if (type.starts_with("Runtime.")) return Cause::not_loaded; // import, syntax, handler, initialisation
    // What fails while the module is imported has no request yet.
    if (const json::value* id = find(body, "requestId"); id && id->is_string() && id->as_string().empty())
        return Cause::not_loaded;
    return Cause::raised;
}

std::vector<std::string> stack_of(const json::value& body, std::string_view key) {
    std::vector<std::string> stack;
    if (const json::value* lines = find(body, key); lines && lines->is_array())
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

FunctionError read_error_document(const json::value& body) {
    FunctionError error;
    error.type = string_or(body, "errorType");
    error.message = without_request_id(string_or(body, "errorMessage"));
    error.stack = stack_of(body, "stackTrace");
    error.cause = cause_of(error, body);
    return error;
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
        error.cause = cause_of(error, *failure);
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

std::string event_body(const InvokeRequest& request) {
    if (!request.probe) return json::serialize(request.event);
    json::object inner;
    inner["v"] = 1;
    inner["key"] = request.deployment.probe_key.expose();
    inner["event"] = request.event;
    return json::serialize(json::object{{"__pyfops__", std::move(inner)}});
}

Invocation read_invocation(const HttpResponse& answer, bool probe) {
    Invocation invocation;
    invocation.request_id = answer.headers.get("x-amzn-RequestId");
    if (const std::string* tail = answer.headers.find("X-Amz-Log-Result")) {
        try {
            invocation.log_tail = base64_decode(*tail);
        } catch (const Error&) {
            // Only the measurements are lost.
        }
    }
    if (const auto report = parse_report(invocation.log_tail)) {
        if (invocation.request_id.empty()) invocation.request_id = report->request_id;
        invocation.duration_ms = report->duration_ms;
        invocation.billed_ms = report->billed_ms;
        invocation.init_ms = report->init_ms ? report->init_ms : report->restore_ms;
        invocation.cold = invocation.init_ms.has_value();
        invocation.memory_used_mb = report->used_mb;
    }
    // The local cloud's own: it may have run on another Python than the one that was asked for.
    invocation.ran_on = answer.headers.get("x-pyfops-ran-on");
    const json::value body = sdk::json_body(answer, "lambda:Invoke");
    if (answer.headers.has("X-Amz-Function-Error")) {
        invocation.error = read_error_document(body);
        return invocation;
    }
    if (!probe) {
        invocation.output = body;
        return invocation;
    }
    const json::value* measured = find(body, "__pyfops__");
    if (!measured || integer_or(*measured, "v") != 1)
        throw Error(ErrorKind::conflict, "the deployed function does not answer probe calls")
            .hint("deploy it again: its code or its probe key was changed from outside");
    read_probe(*measured, invocation);
    return invocation;
}

} // namespace pyfops::aws
