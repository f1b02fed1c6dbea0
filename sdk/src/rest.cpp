// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/rest.hpp"

namespace pyfops::sdk {

std::string form_encode(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (!text.empty()) text += '&';
        text += percent_encode(name) + "=" + percent_encode(value);
    }
    return text;
}

HttpRequest to_request(const RestCall& call) {
    HttpRequest request;
    request.method = call.method;
    request.url = call.url;
    request.headers = call.headers;
    request.body = call.body;
    request.idempotent = call.idempotent;
    request.operation = call.operation;
    request.max_response_bytes = call.max_response_bytes;
    request.secret_body = call.secret_body;
    request.secret_answer = call.secret_answer;
    return request;
}

Task<HttpResponse> send(StageContext& context, RestCall call, RetryPolicy policy, std::string limit_key,
                        std::function<void(HttpRequest&)> sign,
                        std::function<Verdict(const HttpResponse&)> judge) {
    std::function<HttpRequest()> make = [&call, &sign] {
        HttpRequest request = to_request(call);
        if (sign) sign(request);
        return request;
    };
    Task<HttpResponse> exchange =
        send_with_retry(context, policy, std::move(limit_key), std::move(make), std::move(judge));
    co_return co_await std::move(exchange);
}

json::value json_body(const HttpResponse& response, const std::string& operation) {
    if (response.body.empty()) return nullptr;
    try {
        return parse_json(response.body, "the answer of " + operation, {.max_bytes = 64u << 20});
    } catch (const Error& failure) {
        throw Error(ErrorKind::unavailable, operation + " answered something that is not JSON")
            .context(failure.message())
            .hint("check that no proxy answers in place of the provider");
    }
}

} // namespace pyfops::sdk
