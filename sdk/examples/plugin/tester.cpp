// SPDX-License-Identifier: Apache-2.0
#include "api.hpp"
#include "client.hpp"
#include "stages.hpp"

#include <pyfops/sdk/invocation.hpp>
#include <pyfops/sdk/rest.hpp>

#include <utility>

namespace acme {

using namespace pyfops;

Task<Invocation> AcmeTester::invoke(const InvokeRequest& request, StageContext& context) {
    const SteadyTime start = context.host.clock.steady_now();
    Call call{"acme:Invoke", "POST", Url::parse(request.deployment.link).target,
              sdk::event_body(request, info_.limits.event_bytes)};
    call.idempotent = false;
    auto posting = send(std::move(call), context);
    const HttpResponse response = co_await std::move(posting);
    if (response.status == 404)
        throw Error(ErrorKind::not_found, "the function is not deployed any more").hint("deploy it again");
    Invocation invocation;
    invocation.round_trip = std::chrono::duration_cast<Milliseconds>(context.host.clock.steady_now() - start);
    invocation.ran_on = response.headers.get("x-pyfops-ran-on");
    const json::value body = sdk::json_body(response, "acme:Invoke");
    if (const std::string* reason = response.headers.find(function_error_header)) {
        FunctionError error = sdk::read_error_document(body);
        if (*reason == "timeout") error.cause = FunctionError::Cause::timed_out;
        if (*reason == "memory") error.cause = FunctionError::Cause::out_of_memory;
        if (*reason == "ended") error.cause = FunctionError::Cause::exited;
        invocation.error = std::move(error);
    } else {
        sdk::read_answer(body, request.probe, invocation);
    }
    co_return invocation;
}

} // namespace acme
