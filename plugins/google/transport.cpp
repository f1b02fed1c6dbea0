// SPDX-License-Identifier: Apache-2.0
#include "transport.hpp"

#include "pyfops/sdk/rest.hpp"

#include <cstdlib>
#include <map>

namespace pyfops::google {
namespace {

/// Requests per second that a project may make in a region (quotas of Cloud Functions: 5000 reads and 80
/// writes in 100 seconds). Classes that are not here are not limited.
const std::map<std::string, Limiter::Rate> rates{{"read", {50, 50}}, {"write", {0.8, 80}}};

Url url_of(const ApiCall& call, const Endpoint& endpoint) {
    if (call.url) return *call.url;
    Url url = endpoint.url;
    std::string prefix(url.path());
    while (prefix.ends_with('/'))
        prefix.pop_back();
    url.target = prefix + call.target;
    return url;
}

} // namespace

std::string Transport::limit_key(const ApiCall& call, const Endpoint& endpoint, const CallNote& note,
                                 StageContext& context) {
    const auto rate = rates.find(call.rate);
    // An emulator on this machine has no quota to protect.
    if (rate == rates.end() || endpoint.loopback || note.project.empty()) return {};
    const std::string key = "google/" + note.project + "/" + note.region + "/" + call.rate;
    if (limited_.insert(key).second) context.host.limiter.set_rate(key, rate->second);
    return key;
}

bool Transport::correct_clock(const HttpResponse& answer, const Clock& clock) {
    const std::string* date = answer.headers.find("Date");
    if (!date) return false;
    try {
        const auto skew =
            std::chrono::duration_cast<Milliseconds>(from_http_date(*date) - clock.system_now());
        if (std::abs((skew - skew_).count()) < 1000) return false;
        skew_ = skew;
        return true;
    } catch (const Error&) {
        return false;
    }
}

Task<HttpResponse> Transport::send(ApiCall call, Endpoint endpoint, Secret token, std::string quota_project,
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
    if (!token.empty() && rest.url.scheme != "https" && !sdk::is_loopback(rest.url.host))
        throw Error(ErrorKind::invalid_input, "no token is sent to " + rest.url.str() + ": it is not https")
            .hint("use an https endpoint");
    if (!token.empty()) rest.headers.set("Authorization", "Bearer " + token.expose(), true);
    if (!quota_project.empty()) rest.headers.set("x-goog-user-project", quota_project);
    note.operation = call.name();
    const Clock& clock = context.host.clock;
    std::function<void(HttpRequest&)> sign;
    if (call.body_at)
        sign = [this, &call, &clock](HttpRequest& request) { request.body = call.body_at(now(clock)); };
    std::function<Verdict(const HttpResponse&)> judge = [this, note, &clock](const HttpResponse& response) {
        Verdict verdict;
        if (response.status >= 200 && response.status < 300) return verdict;
        const ApiError error = read_error(response);
        verdict.failure = to_error(error, note);
        verdict.throttled = is_throttling(error);
        verdict.retry = is_retryable(error);
        verdict.retry_after = error.retry_after;
        if (is_clock_skew(error)) verdict.resign = correct_clock(response, clock);
        return verdict;
    };
    RetryPolicy policy;
    policy.max_attempts = call.attempts;
    StageContext limited{context.host, context.deadline, context.subject};
    if (call.patience) limited.deadline = context.deadline.within(clock, *call.patience);
    std::string key = limit_key(call, endpoint, note, context);
    Task<HttpResponse> exchange =
        sdk::send(limited, std::move(rest), policy, std::move(key), std::move(sign), std::move(judge));
    co_return co_await std::move(exchange);
}

} // namespace pyfops::google
