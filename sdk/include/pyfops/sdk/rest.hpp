// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/http.hpp"
#include "pyfops/json.hpp"
#include "pyfops/retry.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pyfops::sdk {

/// One call of a provider's API, as pure data; its signature comes at the last moment.
struct RestCall {
    std::string operation; ///< "lambda:GetFunction"
    std::string method = "GET";
    Url url;
    HttpHeaders headers;
    Bytes body;
    bool idempotent = false;
    std::size_t max_response_bytes = 64u << 20;
    bool secret_body = false;   ///< as HttpRequest
    bool secret_answer = false; ///< as HttpRequest
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// application/x-www-form-urlencoded; also a query string.
std::string form_encode(const Fields& fields);

/// The request of a call, unsigned.
HttpRequest to_request(const RestCall& call);

/// Sends a call through the one retry loop. `sign` completes each attempt (credentials, time); `judge` says
/// what the answer is. Errors: what `judge` makes, and those of HttpClient, with the operation as context.
Task<HttpResponse> send(StageContext& context, RestCall call, RetryPolicy policy, std::string limit_key,
                        std::function<void(HttpRequest&)> sign,
                        std::function<Verdict(const HttpResponse&)> judge);

/// The body of a good answer as JSON; an empty body is null. Throws unavailable when it is not JSON: a proxy
/// or a captive portal answered.
json::value json_body(const HttpResponse& response, const std::string& operation);

} // namespace pyfops::sdk
