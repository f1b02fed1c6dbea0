// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/secret.hpp"

#include <charconv>
#include <cmath>

namespace pyfops::alibaba {
namespace {

std::optional<double> number(const HttpHeaders& headers, std::string_view name) {
    const std::string text = headers.get(name);
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || !std::isfinite(value) || value < 0 || value > 1e9) return std::nullopt;
    return value;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// The platform names what ended a function in its message; `type` is its X-Fc-Error-Type.
FunctionError::Cause cause_of(const FunctionError& error, const std::string& type) {
    using Cause = FunctionError::Cause;
    if (error.cause != Cause::raised) return error.cause;
    if (contains(error.message, "unction timed out after")) return Cause::timed_out;
    if (contains(error.message, "Process exited unexpectedly")) return Cause::exited;
    if (type == "InitializationError") return Cause::not_loaded;
    return Cause::raised;
}

FunctionError read_error(const HttpResponse& answer, const std::string& type) {
    FunctionError error;
    try {
        error = sdk::read_error_document(sdk::json_body(answer, "fc:InvokeFunction"));
    } catch (const Error&) {
        error.message = excerpt(answer.body, 600); // what ended it may leave no document
    }
    if (error.type.empty()) error.type = type;
    error.cause = cause_of(error, type);
    return error;
}

} // namespace

Invocation read_invocation(const HttpResponse& answer, bool probe, int memory_mb) {
    Invocation invocation;
    const HttpHeaders& headers = answer.headers;
    invocation.request_id = headers.get("x-fc-request-id");
    if (const std::string* tail = headers.find("x-fc-log-result")) {
        try {
            invocation.log_tail = base64_decode(*tail);
        } catch (const Error&) {
            // The answer is not less good for it.
        }
    }
    invocation.duration_ms = number(headers, "x-fc-invocation-duration");
    if (invocation.duration_ms) invocation.billed_ms = std::ceil(*invocation.duration_ms);
    if (const auto used = number(headers, "x-fc-max-memory-usage"))
        invocation.memory_used_mb = static_cast<int>(std::ceil(*used));
    // The local cloud's own: it may have run on another Python than the one that was asked for.
    invocation.ran_on = headers.get("x-pyfops-ran-on");
    if (const std::string* type = headers.find("x-fc-error-type")) {
        invocation.error = read_error(answer, *type);
        const int full = memory_mb - memory_mb / 20;
        if (invocation.error->cause == FunctionError::Cause::exited && invocation.memory_used_mb >= full)
            invocation.error->cause = FunctionError::Cause::out_of_memory;
        return invocation;
    }
    sdk::read_answer(sdk::json_body(answer, "fc:InvokeFunction"), probe, invocation);
    return invocation;
}

} // namespace pyfops::alibaba
