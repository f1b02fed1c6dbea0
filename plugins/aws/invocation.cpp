// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/sdk/rest.hpp"
#include "report.hpp"

namespace pyfops::aws {
namespace {

FunctionError read_error(const json::value& body) {
    FunctionError error = sdk::read_error_document(body);
    // What fails while the module is imported has no request yet.
    if (const json::value* id = find(body, "requestId");
        error.cause == FunctionError::Cause::raised && id && id->is_string() && id->as_string().empty())
        error.cause = FunctionError::Cause::not_loaded;
    return error;
}

} // namespace

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
        invocation.error = read_error(body);
        return invocation;
    }
    sdk::read_answer(body, probe, invocation);
    return invocation;
}

} // namespace pyfops::aws
