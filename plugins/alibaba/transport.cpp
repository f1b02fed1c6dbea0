// SPDX-License-Identifier: Apache-2.0
#include "transport.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops_alibaba/v4.hpp"

#include <cstdlib>

namespace pyfops::alibaba {
namespace {

using Sign = std::function<void(HttpRequest&, SystemTime)>;

/// "/bucket/key" for OSS however it is addressed; the path below the host for SLS.
std::string v4_resource(const ApiCall& call) {
    const std::string path = call.target.substr(0, call.target.find('?'));
    return call.bucket.empty() ? path : "/" + call.bucket + path;
}

Sign v4_signer(const ApiCall& call, const Endpoint& endpoint,
               std::shared_ptr<const Credentials> credentials) {
    V4Signing signing;
    signing.product = call.service == Service::oss ? V4Product::oss : V4Product::sls;
    signing.region = endpoint.region;
    signing.resource = v4_resource(call);
    return [signing, credentials](HttpRequest& request, SystemTime now) mutable {
        signing.time = now;
        v4_sign(request, credentials->key, signing);
    };
}

Sign acs3_signer(const ApiCall& call, std::shared_ptr<const Credentials> credentials) {
    Acs3Signing signing;
    signing.payload_hash = sha256_hex(call.body.view()); // once, not with every attempt
    return [signing, credentials](HttpRequest& request, SystemTime now) mutable {
        signing.time = now;
        signing.nonce = hex(random_bytes(16)); // never that of another run, however its Random is seeded
        acs3_sign(request, credentials->key, signing);
    };
}

std::string limit_key(const ApiCall& call, const Endpoint& endpoint, const std::string& account) {
    // An emulator on this machine has no quota to protect.
    if (account.empty() || endpoint.loopback) return {};
    return "alibaba/" + account + "/" + endpoint.region + "/" + call.rate;
}

} // namespace

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
    // One address stands for all regions then: the header that older SDKs send tells which is meant.
    if (call.service == Service::fc && endpoint.overridden)
        rest.headers.set("x-acs-region-id", endpoint.region);
    const Clock& clock = context.host.clock;
    const std::string host = rest.url.host;

    std::function<void(HttpRequest&)> sign;
    if (call.sign && credentials) {
        const bool v4 = call.service == Service::oss || call.service == Service::log;
        Sign signer = v4 ? v4_signer(call, endpoint, credentials) : acs3_signer(call, credentials);
        sign = [this, host, &clock, signer](HttpRequest& request) {
            signer(request, clock.system_now() + skew_[host]);
        };
    }
    note.operation = call.name();
    const bool idempotent = call.idempotent;
    std::function<Verdict(const HttpResponse&)> judge = [this, host, note, idempotent,
                                                         &clock](const HttpResponse& response) {
        Verdict verdict;
        if (response.status >= 200 && response.status < 300) return verdict;
        const ApiError error = read_error(response);
        verdict.failure = to_error(error, note);
        verdict.throttled = is_throttling(error);
        verdict.retry = is_retryable(error);
        verdict.retry_after = error.retry_after;
        if (is_clock_skew(error)) verdict.resign = correct_clock(host, response, clock);
        if (is_replay(error)) verdict.resign = verdict.retry = idempotent;
        return verdict;
    };
    RetryPolicy policy;
    policy.max_attempts = call.attempts;
    StageContext limited{context.host, context.deadline, context.subject};
    if (call.patience) limited.deadline = context.deadline.within(clock, *call.patience);
    std::string key = limit_key(call, endpoint, account);
    Task<HttpResponse> exchange =
        sdk::send(limited, std::move(rest), policy, std::move(key), std::move(sign), std::move(judge));
    co_return co_await std::move(exchange);
}

} // namespace pyfops::alibaba
