// SPDX-License-Identifier: Apache-2.0
#include "tester.hpp"

#include "invocation.hpp"
#include "lambda.hpp"

namespace pyfops::aws {

Task<Invocation> AwsTester::invoke(const InvokeRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    const bool probe = request.probe && !deployment.probe_key.empty();
    if (request.probe && !probe)
        throw Error(ErrorKind::conflict, "the probe key of '" + deployment.cloud_name + "' is not known")
            .hint("deploy it again");
    std::string body = event_body(request);
    if (body.size() > info_.limits.event_bytes)
        throw Error(ErrorKind::invalid_input, "the event has " + std::to_string(body.size()) +
                                                  " bytes; Lambda takes " +
                                                  std::to_string(info_.limits.event_bytes));
    Task<Session> opening =
        cloud_.session(request.settings, deployment.identity.region, context, deployment.identity.realm);
    const Session session = co_await std::move(opening);
    ApiCall call = lambda::invoke(deployment.cloud_name, std::move(body),
                                  std::chrono::seconds(deployment.timeout_seconds));
    const Clock& clock = context.host.clock;
    const SteadyTime start = clock.steady_now();
    Task<HttpResponse> sending = cloud_.send(session, std::move(call), context);
    const HttpResponse answer = co_await std::move(sending);
    Invocation invocation = read_invocation(answer, probe);
    invocation.round_trip = std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
    co_return invocation;
}

} // namespace pyfops::aws
