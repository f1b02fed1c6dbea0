// SPDX-License-Identifier: Apache-2.0
#include "tester.hpp"

#include "fc.hpp"
#include "invocation.hpp"
#include "pyfops/sdk/invocation.hpp"

namespace pyfops::alibaba {

Task<Invocation> AlibabaTester::invoke(const InvokeRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    std::string body = sdk::event_body(request, info_.limits.event_bytes);
    Task<Session> opening =
        cloud_.session(request.settings, deployment.identity.region, context, deployment.identity.realm);
    const Session session = co_await std::move(opening);
    ApiCall call =
        fc::invoke(deployment.cloud_name, std::move(body), std::chrono::seconds(deployment.timeout_seconds));
    const Clock& clock = context.host.clock;
    const SteadyTime start = clock.steady_now();
    Task<HttpResponse> sending = cloud_.send(session, std::move(call), context);
    const HttpResponse answer = co_await std::move(sending);
    Invocation invocation = read_invocation(answer, request.probe, deployment.memory_mb);
    invocation.round_trip = std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
    co_return invocation;
}

} // namespace pyfops::alibaba
