// SPDX-License-Identifier: Apache-2.0
#include "pyfops/retry.hpp"

#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace pyfops {

namespace {

/// A longer Retry-After is an answer, not a wait: nobody sits before a command that sleeps for an hour.
constexpr Milliseconds patience = std::chrono::minutes(5);
constexpr Milliseconds longest_wait = std::chrono::days(30); // of a Retry-After; the deadline is far earlier

/// base * 2^(attempt-1), at most `cap`.
Milliseconds backoff(const RetryPolicy& policy, int attempt, bool throttled) {
    const Milliseconds base = throttled ? policy.throttled_base : policy.base;
    const double wanted =
        std::ldexp(static_cast<double>(std::max<long long>(0, base.count())), std::clamp(attempt - 1, 0, 62));
    const double limit =
        static_cast<double>(std::clamp(policy.cap, Milliseconds::zero(), longest_wait).count());
    return Milliseconds(static_cast<long long>(std::min(wanted, limit)));
}

} // namespace

Milliseconds next_delay(const RetryPolicy& policy, int attempt, bool throttled,
                        std::optional<Milliseconds> retry_after, Random& random) {
    const Milliseconds floor =
        std::clamp(retry_after.value_or(Milliseconds::zero()), Milliseconds::zero(), longest_wait);
    const double spread = static_cast<double>(backoff(policy, attempt, throttled).count()) * random.uniform();
    return floor + Milliseconds(std::llround(spread));
}

std::optional<Milliseconds> retry_after(const HttpHeaders& headers, SystemTime now) {
    const std::string* value = headers.find("Retry-After");
    if (!value) return std::nullopt;
    const std::string text(trimmed(*value));
    if (text.empty()) return std::nullopt;
    constexpr auto longest_seconds = std::chrono::duration_cast<std::chrono::seconds>(longest_wait).count();
    if (text.find_first_not_of("0123456789") == std::string::npos) {
        std::int64_t seconds = longest_seconds;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (failure != std::errc()) seconds = longest_seconds; // more digits than a number has
        return std::chrono::seconds(std::min(seconds, longest_seconds));
    }
    try {
        const SystemTime then = from_http_date(text);
        if (const std::string* date = headers.find("Date")) {
            try {
                now = from_http_date(*date); // a wrong clock here must not become a wrong wait
            } catch (const Error&) {         // `now` it is
            }
        }
        const auto wait = std::chrono::ceil<std::chrono::seconds>(then - now).count();
        return std::chrono::seconds(std::clamp<long long>(wait, 0, longest_seconds));
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool is_retryable_status(int status) noexcept {
    if (status == 408 || status == 429) return true;
    return status >= 500 && status <= 599 && status != 501 && status != 505 && status != 511;
}

namespace {

/// What answers with a redirect is seldom the provider: a wrong endpoint, a proxy, a sign-in page. Following
/// it would hand credentials to a host that they are not meant for. nullopt: no redirect.
std::optional<Error> refused_redirect(const HttpResponse& response) {
    static constexpr std::array redirects{301, 302, 303, 307, 308};
    const std::string* location = response.headers.find("Location");
    if (!location || std::find(redirects.begin(), redirects.end(), response.status) == redirects.end())
        return std::nullopt;
    std::string where = "another place";
    try {
        const Url url = Url::parse(*location);
        where = url.scheme + "://" + url.authority();
    } catch (const Error&) {
        if (location->starts_with('/') && !location->starts_with("//")) where = "another path";
    }
    return Error(ErrorKind::unavailable,
                 fmt::format("{} answered with a redirect to {}, which is not followed",
                             response.url.authority(), where))
        .hint("check the provider's endpoint setting (scheme, host and port), and that no proxy answers in "
              "its place")
        .repeat(Repeat::useless);
}

/// How one attempt ended.
struct Attempt {
    std::optional<HttpResponse> response; ///< good
    std::optional<Error> failure;
    bool retry = false;
    bool throttled = false;
    bool resign = false;
    bool unnamed = false; ///< the failure does not say which operation it was
    std::optional<Milliseconds> retry_after;
    std::string operation;
};

Task<Attempt> attempt_once(StageContext& context, const std::string& limit_key,
                           const std::function<HttpRequest()>& make,
                           const std::function<Verdict(const HttpResponse&)>& judge) {
    Host& host = context.host;
    if (!limit_key.empty()) {
        auto turn = host.limiter.acquire(limit_key, context.deadline);
        co_await std::move(turn);
    }
    HttpRequest request = make(); // after the wait: a signature carries the time
    Attempt outcome;
    outcome.operation = request.operation;
    const bool idempotent = request.idempotent;
    std::optional<HttpResponse> response;
    try {
        auto sending = host.http.send(std::move(request), context.deadline);
        response = co_await std::move(sending);
    } catch (const Error& error) {
        outcome.failure = error;
    }
    if (!response) {
        const Error& failure = *outcome.failure;
        outcome.unnamed = true;
        outcome.retry = failure.retryable() && (idempotent || failure.repeat() == Repeat::harmless);
        co_return outcome;
    }
    Verdict verdict = judge(*response);
    if (!verdict.failure) {
        outcome.response = std::move(response);
        co_return outcome;
    }
    if (std::optional<Error> redirect = refused_redirect(*response)) {
        const Error& failure = *verdict.failure;
        redirect->provider(response->status, failure.provider_code(), failure.provider_message());
        outcome.failure = std::move(redirect);
        outcome.unnamed = true;
        co_return outcome;
    }
    outcome.failure = std::move(verdict.failure);
    outcome.retry = verdict.retry;
    outcome.throttled = verdict.throttled;
    outcome.resign = verdict.resign;
    outcome.retry_after =
        verdict.retry_after ? verdict.retry_after : retry_after(response->headers, host.clock.system_now());
    co_return outcome;
}

} // namespace

Task<HttpResponse> send_with_retry(StageContext& context, RetryPolicy policy, std::string limit_key,
                                   std::function<HttpRequest()> make,
                                   std::function<Verdict(const HttpResponse&)> judge) {
    Host& host = context.host;
    bool resigned = false;
    std::optional<Error> last;
    for (int attempt = 1;; ++attempt) {
        Attempt outcome;
        try {
            auto trying = attempt_once(context, limit_key, make, judge);
            outcome = co_await std::move(trying);
        } catch (const Error& error) {
            // The limiter has no token before the deadline: what went wrong before says more.
            if (error.kind() != ErrorKind::timeout || !last) throw;
            outcome.failure = std::move(last);
        }
        if (outcome.response) co_return std::move(*outcome.response);
        Error& failure = *outcome.failure;
        if (outcome.resign && !resigned) {
            resigned = true;
            --attempt;
            last = failure;
            continue;
        }
        const Milliseconds delay =
            next_delay(policy, attempt, outcome.throttled, outcome.retry_after, host.random);
        const bool again = outcome.retry && attempt < policy.max_attempts &&
                           delay <= std::min(patience, context.deadline.left(host.clock));
        if (!again) {
            // What a provider makes of an answer names its operation.
            if (attempt > 1)
                failure.context(fmt::format("{} (after {} attempts)", outcome.operation, attempt));
            else if (outcome.unnamed && !outcome.operation.empty())
                failure.context(outcome.operation);
            if (outcome.retry && outcome.retry_after && attempt < policy.max_attempts)
                failure.hint(
                    fmt::format("the answer asks to wait {} s, which is longer than a command waits: "
                                "try later",
                                outcome.retry_after->count() / 1000));
            throw Error(std::move(failure));
        }
        if (outcome.throttled && outcome.retry_after && !limit_key.empty())
            host.limiter.hold(limit_key, host.clock.steady_now() + *outcome.retry_after);
        host.observer.on(RetryScheduled{outcome.operation, attempt, delay, failure.message()});
        last = failure;
        auto nap = host.clock.sleep(delay);
        co_await std::move(nap);
    }
}

} // namespace pyfops
