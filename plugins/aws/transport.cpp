// SPDX-License-Identifier: Apache-2.0
#include "transport.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"

#include <cstdlib>

namespace pyfops::aws {
namespace {

/// Requests per second that an account may make (Lambda quotas: 15 for the control plane together, 100 for
/// GetFunction; FilterLogEvents 5). Classes that are not here are not limited.
const std::map<std::string, Limiter::Rate> rates{
    {"write", {15, 15}}, {"get-function", {100, 100}}, {"iam", {10, 10}}, {"logs", {5, 5}}};

} // namespace

Url url_of(const ApiCall& call, const Endpoint& endpoint) {
    Url url = endpoint.url;
    std::string prefix(url.path());
    while (prefix.ends_with('/'))
        prefix.pop_back();
    if (!call.bucket.empty()) {
        if (endpoint.overridden || call.bucket.find('.') != std::string::npos)
            prefix += "/" + call.bucket;
        else
            url.host = call.bucket + "." + url.host;
    }
    url.target = prefix + call.target;
    return url;
}

std::string Transport::limit_key(const ApiCall& call, const Endpoint& endpoint, const std::string& account,
                                 StageContext& context) {
    const auto rate = rates.find(call.rate);
    // An emulator on this machine has no quota to protect.
    if (account.empty() || endpoint.loopback || rate == rates.end()) return {};
    const std::string key = "aws/" + account + "/" + endpoint.region + "/" + call.rate;
    if (limited_.insert(key).second) context.host.limiter.set_rate(key, rate->second);
    return key;
}

bool Transport::correct_clock(const std::string& host, const HttpResponse& response, const Clock& clock) {
    const std::string* date = response.headers.find("Date");
    if (!date) return false;
    try {
        const auto offset =
            std::chrono::duration_cast<Milliseconds>(from_http_date(*date) - clock.system_now());
        const auto change = offset - skew_[host];
        if (std::abs(change.count()) < 1000) return false; // the time is not what is wrong
        skew_[host] = offset;
        return true;
    } catch (const Error&) {
        return false;
    }
}

Task<HttpResponse> Transport::send(ApiCall call, Endpoint endpoint,
                                   std::shared_ptr<const Credentials> credentials, std::string account,
                                   CallNote note, StageContext& context) {
    sdk::RestCall rest;
    rest.operation = call.name();
    rest.method = call.method;
    rest.url = url_of(call, endpoint);
    rest.headers = call.headers;
    rest.body = call.body;
    rest.idempotent = call.idempotent;
    rest.max_response_bytes = call.max_response_bytes;
    rest.secret_answer = call.secret_answer;
    const Clock& clock = context.host.clock;
    const std::string host = rest.url.host;

    std::function<void(HttpRequest&)> sign;
    if (call.sign && credentials) {
        Signing signing;
        signing.service = call.service;
        signing.region = endpoint.region;
        signing.rule = path_rule(call.service);
        signing.content_hash_header = call.service == "s3";
        signing.payload_hash = sha256_hex(call.body.view()); // once, not with every attempt
        sign = [this, credentials, signing, host, &clock](HttpRequest& request) mutable {
            signing.time = clock.system_now() + skew_[host];
            aws::sign(request, credentials->key, signing);
        };
    }
    note.operation = call.name();
    std::function<Verdict(const HttpResponse&)> judge = [this, host, note,
                                                         &clock](const HttpResponse& response) {
        Verdict verdict;
        if (response.status >= 200 && response.status < 300) return verdict;
        const ApiError error = read_error(response);
        verdict.failure = to_error(error, note);
        verdict.throttled = is_throttling(error);
        verdict.retry = is_retryable(error);
        verdict.retry_after = error.retry_after;
        if (is_clock_skew(error)) verdict.resign = correct_clock(host, response, clock);
        return verdict;
    };
    RetryPolicy policy;
    policy.max_attempts = call.attempts;
    StageContext limited{context.host, context.deadline, context.subject};
    if (call.patience) limited.deadline = context.deadline.within(clock, *call.patience);
    std::string key = limit_key(call, endpoint, account, context);
    Task<HttpResponse> exchange =
        sdk::send(limited, std::move(rest), policy, std::move(key), std::move(sign), std::move(judge));
    co_return co_await std::move(exchange);
}

} // namespace pyfops::aws
