// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <pyfops/retry.hpp>
#include <pyfops/sdk/rest.hpp>

#include <utility>

namespace acme {

using namespace pyfops;

Endpoint endpoint(const StageContext& context) {
    const auto url = context.host.system.variable("ACME_ENDPOINT");
    const auto token = context.host.system.variable("ACME_TOKEN");
    if (!url || !token)
        throw Error(ErrorKind::unauthenticated, "Acme needs ACME_ENDPOINT and ACME_TOKEN")
            .hint("export both, or use --local");
    return {Url::parse(*url), Secret(*token)};
}

namespace {

Error failure_of(const HttpResponse& response) {
    switch (response.status) {
    case 401:
        return Error(ErrorKind::unauthenticated, "Acme does not know the token")
            .hint("get a new ACME_TOKEN from Acme's console");
    case 403:
        return Error(ErrorKind::forbidden, "Acme does not allow this with the token")
            .hint("give the token's owner the right to deploy functions");
    case 409:
    case 412:
        return Error(ErrorKind::conflict, "Acme has that function already, or is busy with it")
            .hint("run the command again");
    case 429:
        return Error(ErrorKind::throttled, "Acme is asked too often").hint("use a smaller -j");
    default:
        return Error(is_retryable_status(response.status) ? ErrorKind::unavailable : ErrorKind::invalid_input,
                     "Acme refused");
    }
}

Verdict judge(const HttpResponse& response) {
    Verdict verdict;
    if ((response.status >= 200 && response.status < 300) || response.status == 404) return verdict;
    verdict.retry = is_retryable_status(response.status);
    verdict.throttled = response.status == 429;
    verdict.failure = failure_of(response).provider(response.status, "", excerpt(response.body, 200));
    return verdict;
}

} // namespace

Task<HttpResponse> send(Call call, StageContext& context) {
    const Endpoint where = endpoint(context);
    sdk::RestCall rest;
    rest.operation = std::move(call.operation);
    rest.method = std::move(call.method);
    rest.url = where.url;
    rest.url.target = std::move(call.path);
    rest.headers.set("Content-Type", "application/json");
    rest.headers.set("Authorization", "Bearer " + where.token.expose(), true);
    if (call.create_only) rest.headers.set("If-None-Match", "*");
    rest.body = std::move(call.body);
    rest.idempotent = call.idempotent;
    auto sending = sdk::send(
        context, std::move(rest), {}, "acme", [](HttpRequest&) {}, &judge);
    co_return co_await std::move(sending);
}

} // namespace acme
