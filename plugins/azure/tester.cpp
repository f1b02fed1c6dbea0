// SPDX-License-Identifier: Apache-2.0
#include "tester.hpp"

#include "catalog.hpp"
#include "invocation.hpp"
#include "marks.hpp"
#include "pyfops/sdk/invocation.hpp"
#include "pyfops/sdk/rest.hpp"
#include "shared.hpp"
#include "web.hpp"

#include <algorithm>

namespace pyfops::azure {

Task<Secret> AzureTester::read_key(Session session, std::string group, std::string app, std::string function,
                                   StageContext& context) {
    Task<json::value> asking = cloud_.send_json(session, web::list_host_keys(group, app), context);
    Secret of_the_app = web::read_host_key(co_await std::move(asking));
    if (!of_the_app.empty()) co_return of_the_app;
    // Whoever keeps no key for all functions has one for each.
    Task<json::value> again =
        cloud_.send_json(session, web::list_function_keys(group, app, folder_name(function)), context);
    co_return web::read_function_key(co_await std::move(again));
}

Task<Secret> AzureTester::key(const Session& session, const std::string& group, const std::string& app,
                              const std::string& function, StageContext& context) {
    std::function<Task<Secret>()> make = [this, &session, &group, &app, &function, &context] {
        return read_key(session, group, app, function, context);
    };
    Task<Secret> getting = keys_.get(group + "/" + app + "/" + function, std::move(make));
    co_return co_await std::move(getting);
}

Task<HttpResponse> AzureTester::post(const Session& session, const Deployment& deployment, Bytes body,
                                     Secret key, StageContext& context) {
    const std::string host = string_or(deployment.details, "host");
    if (!session.endpoints.is_site_host(host))
        throw Error(ErrorKind::unavailable, "'" + host + "' is no host of function apps")
            .hint("check the endpoint: keys do not go there");
    sdk::RestCall call;
    call.operation = "azure:Invoke";
    call.method = "POST";
    call.url = session.endpoints.at(host, "/api/" + deployment.identity.function);
    call.headers.set("Content-Type", "application/json");
    call.body = std::move(body);
    call.max_response_bytes = info_.limits.answer_bytes;
    std::function<void(HttpRequest&)> sign = [key](HttpRequest& request) {
        if (!key.empty()) request.headers.set("x-functions-key", key.expose(), true);
    };
    const std::string app = deployment.cloud_name;
    std::function<Verdict(const HttpResponse&)> judge = [app](const HttpResponse& answer) {
        return judge_invocation(answer, app);
    };
    const int wait = std::min(std::max(deployment.timeout_seconds, 1), http_answer_seconds) + 40;
    StageContext limited{context.host,
                         context.deadline.within(context.host.clock, std::chrono::seconds(wait)),
                         context.subject};
    Task<HttpResponse> sending =
        sdk::send(limited, std::move(call), RetryPolicy{}, {}, std::move(sign), std::move(judge));
    co_return co_await std::move(sending);
}

Task<Invocation> AzureTester::invoke(const InvokeRequest& request, StageContext& context) {
    const Deployment& deployment = request.deployment;
    const FdIdentity& identity = deployment.identity;
    const Bytes body = sdk::event_body(request, info_.limits.event_bytes);
    Task<Session> opening = cloud_.session(request.settings, identity.region, context, identity.realm);
    const Session session = co_await std::move(opening);
    const std::string group = SharedResources::group_path(session, identity.project);
    const Clock& clock = context.host.clock;
    for (int attempt = 0;; ++attempt) {
        Secret code;
        if (!session.settings.open) {
            Task<Secret> finding = key(session, group, deployment.cloud_name, identity.function, context);
            code = co_await std::move(finding);
        }
        const SteadyTime start = clock.steady_now();
        try {
            Task<HttpResponse> sending = post(session, deployment, body, code, context);
            const HttpResponse answer = co_await std::move(sending);
            const auto round_trip = std::chrono::duration_cast<Milliseconds>(clock.steady_now() - start);
            co_return read_invocation(answer, request.probe, round_trip, deployment.timeout_seconds);
        } catch (const Error& failure) {
            // The key may have been renewed since it was read.
            if (attempt > 0 || session.settings.open || failure.http_status() != 401) throw;
        }
        keys_.forget(group + "/" + deployment.cloud_name + "/" + identity.function);
    }
}

} // namespace pyfops::azure
