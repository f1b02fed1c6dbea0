// SPDX-License-Identifier: Apache-2.0
#include "pyfops/retry.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pyfops;
using namespace pyfops::testing;
using namespace std::chrono_literals;

namespace {

HttpRequest create() {
    HttpRequest request;
    request.method = "POST";
    request.url = Url::parse("https://cloud.example/functions");
    request.operation = "cloud:Create";
    return request;
}

HttpRequest reading() {
    HttpRequest request;
    request.url = Url::parse("https://cloud.example/functions");
    request.idempotent = true;
    request.operation = "cloud:Read";
    return request;
}

Verdict by_status(const HttpResponse& response) {
    Verdict verdict;
    if (response.status < 400) return verdict;
    verdict.failure = Error(ErrorKind::unavailable, "the cloud answered " + std::to_string(response.status));
    verdict.retry = is_retryable_status(response.status);
    verdict.throttled = response.status == 429;
    return verdict;
}

HttpHeaders headers(std::vector<std::pair<std::string, std::string>> fields) {
    HttpHeaders all;
    for (auto& [name, value] : fields)
        all.add(name, value);
    return all;
}

Error failure_of(FakeHost& host, Task<HttpResponse> task) {
    try {
        host.run(std::move(task));
    } catch (const Error& error) {
        return error;
    }
    FAIL("nothing failed");
    return Error(ErrorKind::internal, "");
}

Milliseconds passed(const FakeHost& host) {
    return std::chrono::duration_cast<Milliseconds>(host.clock.steady_now() - FakeClock().steady_now());
}

} // namespace

TEST_CASE("the wait lies between its floor and its floor plus the backoff for every seed") {
    const RetryPolicy policy;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SeededRandom random(seed);
        for (int attempt = 1; attempt <= 80; ++attempt) {
            for (const bool throttled : {false, true}) {
                const long long base = throttled ? 500 : 200;
                const long long backoff = attempt < 20 ? std::min(base << (attempt - 1), 20'000LL) : 20'000;
                for (const std::optional<Milliseconds> floor :
                     {std::optional<Milliseconds>(), std::optional<Milliseconds>(0ms),
                      std::optional<Milliseconds>(90s)}) {
                    const long long low = floor.value_or(0ms).count();
                    const long long delay = next_delay(policy, attempt, throttled, floor, random).count();
                    REQUIRE(delay >= low);
                    REQUIRE(delay <= low + backoff);
                }
            }
        }
    }
}

TEST_CASE("waits are spread over their whole range and repeat with their seed") {
    const RetryPolicy policy;
    double sum = 0;
    Milliseconds least = Milliseconds::max(), most{};
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        SeededRandom random(seed), again(seed);
        const Milliseconds delay = next_delay(policy, 4, false, std::nullopt, random);
        CHECK(delay == next_delay(policy, 4, false, std::nullopt, again));
        sum += static_cast<double>(delay.count());
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    CHECK(least < 80ms);
    CHECK(most > 1520ms);
    CHECK(sum / 2000 == doctest::Approx(800).epsilon(0.05));
}

TEST_CASE("odd policies and absurd requests do not overflow") {
    SeededRandom random(1);
    CHECK(next_delay({5, 0ms, 0ms, 0ms}, 3, false, std::nullopt, random) == 0ms);
    CHECK(next_delay({5, Milliseconds::max(), Milliseconds::max(), 1ms}, 1000, false, std::nullopt, random) >
          0ms);
    CHECK(next_delay({}, 1, false, Milliseconds::max(), random) >= std::chrono::days(30));
    CHECK(next_delay({}, 1, false, Milliseconds(-5), random) <= 200ms);
}

TEST_CASE("Retry-After is seconds or a date") {
    const SystemTime now = from_iso8601("2026-11-23T10:00:00Z");
    const auto with = [&](std::string value) { return retry_after(headers({{"retry-after", value}}), now); };
    CHECK_FALSE(retry_after(HttpHeaders(), now));
    CHECK(with("3") == 3s);
    CHECK(with(" 0 ") == 0s);
    CHECK(with("Mon, 23 Nov 2026 10:00:07 GMT") == 7s);
    CHECK(with("Mon, 23 Nov 2026 09:00:00 GMT") == 0s);
    CHECK(with("99999999999999999999999") == std::chrono::days(30));
    CHECK(with("Fri, 31 Dec 2199 23:59:59 GMT") == std::chrono::days(30));
    for (const char* neither :
         {"", " ", "-1", "1.5", "soon", "3 seconds", "0x10", "Fri, 31 Dec 9999 23:59:59 GMT"})
        CHECK_FALSE(with(neither));
}

TEST_CASE("a date in Retry-After is measured by the clock that set it") {
    const SystemTime hours_off = from_iso8601("2026-11-23T16:00:00Z");
    CHECK(retry_after(headers({{"Retry-After", "Mon, 23 Nov 2026 10:00:07 GMT"},
                               {"Date", "Mon, 23 Nov 2026 10:00:02 GMT"}}),
                      hours_off) == 5s);
    CHECK(retry_after(headers({{"Retry-After", "Mon, 23 Nov 2026 16:00:07 GMT"}, {"Date", "today"}}),
                      hours_off) == 7s);
}

TEST_CASE("which statuses are worth repeating") {
    for (const int good : {408, 429, 500, 502, 503, 504, 507, 599})
        CHECK(is_retryable_status(good));
    for (const int bad : {200, 302, 400, 401, 403, 404, 409, 413, 501, 505, 511, 600})
        CHECK_FALSE(is_retryable_status(bad));
}

TEST_CASE("429 with Retry-After is obeyed and holds the key for everybody") {
    FakeHost host;
    host.http.once("POST *", reply(429, "", {{"Retry-After", "7"}}));
    host.http.on("POST *", reply(201));
    host.limiter.set_rate("cloud/1", {1000, 1000});
    StageContext context = host.context();
    const HttpResponse response = host.run(send_with_retry(context, {}, "cloud/1", create, by_status));
    CHECK(response.status == 201);
    CHECK(passed(host) >= 7s);
    CHECK(passed(host) <= 7500ms);
    const auto events = host.observer.all<RetryScheduled>();
    REQUIRE(events.size() == 1);
    CHECK(events[0].operation == "cloud:Create");
    CHECK(events[0].attempt == 1);
    CHECK(events[0].delay >= 7s);
    CHECK(events[0].reason == "the cloud answered 429");
}

TEST_CASE("429 without Retry-After backs off and gives up after the last attempt") {
    FakeHost host;
    host.http.on("POST *", reply(429));
    StageContext context = host.context();
    const Error error = failure_of(host, send_with_retry(context, {4}, "", create, by_status));
    CHECK(error.message() == "the cloud answered 429");
    CHECK(std::string(error.what()).find("after 4 attempts") != std::string::npos);
    CHECK(host.http.count("POST *") == 4);
    CHECK(host.observer.all<RetryScheduled>().size() == 3);
    CHECK(passed(host) <= 500ms + 1s + 2s);
}

TEST_CASE("no wait is started that would pass the deadline") {
    FakeHost host;
    host.http.on("POST *", reply(503, "", {{"Retry-After", "60"}}));
    StageContext context = host.context(59s);
    const Error error = failure_of(host, send_with_retry(context, {}, "", create, by_status));
    CHECK(error.message() == "the cloud answered 503");
    CHECK(passed(host) == 0ms);
    CHECK(host.http.count("POST *") == 1);
}

TEST_CASE("an answer that asks for an hour is an answer and not a wait") {
    FakeHost host;
    host.http.on("POST *", reply(429, "", {{"Retry-After", "3600"}}));
    StageContext context = host.context(24h);
    const Error error = failure_of(host, send_with_retry(context, {}, "", create, by_status));
    CHECK(error.hint().find("3600 s") != std::string::npos);
    CHECK(passed(host) == 0ms);
    CHECK(host.http.count("POST *") == 1);
}

TEST_CASE("what is not worth repeating is not repeated") {
    FakeHost host;
    host.http.on("POST *", reply(403));
    StageContext context = host.context();
    CHECK(failure_of(host, send_with_retry(context, {}, "", create, by_status)).message() ==
          "the cloud answered 403");
    CHECK(host.http.count("POST *") == 1);
}

TEST_CASE("a redirect is refused once and says where it leads") {
    const auto refused = [](int status, std::string location) {
        FakeHost host;
        host.http.on("GET *", reply(status, "<html>", {{"Location", std::move(location)}}));
        const auto judge = [](const HttpResponse&) {
            Verdict verdict;
            verdict.failure =
                Error(ErrorKind::invalid_input, "the cloud refuses").provider(307, "Moved", "on");
            verdict.retry = true;
            return verdict;
        };
        StageContext context = host.context();
        const Error error = failure_of(host, send_with_retry(context, {}, "", reading, judge));
        CHECK(host.http.count("GET *") == 1);
        return error;
    };
    for (const int status : {301, 302, 303, 307, 308}) {
        const Error error = refused(status, "https://login.example:8443/in?next=secret");
        CHECK(error.message() ==
              "cloud.example answered with a redirect to https://login.example:8443, which "
              "is not followed");
        CHECK(error.contexts() == std::vector<std::string>{"cloud:Read"});
        CHECK(error.hint().find("endpoint setting") != std::string::npos);
        CHECK(error.hint().find("proxy") != std::string::npos);
        CHECK_FALSE(error.retryable());
        CHECK(error.http_status() == status);
        CHECK(error.provider_code() == "Moved");
    }
    CHECK(refused(302, "/sign-in").message().find("to another path, which") != std::string::npos);
    CHECK(refused(302, "//other.example/").message().find("to another place, which") != std::string::npos);
    CHECK(refused(302, "https://name:word@other.example/").message().find("word") == std::string::npos);
}

TEST_CASE("what a provider takes for a good answer is no redirect and neither is one that leads nowhere") {
    FakeHost host;
    host.http.once("GET *", reply(308, "", {{"Location", "https://cloud.example/upload"}}));
    host.http.once("GET *", reply(307, "moved"));
    StageContext context = host.context();
    CHECK(host.run(send_with_retry(context, {}, "", reading, by_status)).status == 308);
    const auto judge = [](const HttpResponse&) {
        Verdict verdict;
        verdict.failure = Error(ErrorKind::invalid_input, "the cloud refuses");
        return verdict;
    };
    CHECK(failure_of(host, send_with_retry(context, {}, "", reading, judge)).message() ==
          "the cloud refuses");
}

TEST_CASE("a lost connection is repeated when that is safe") {
    const auto attempts = [](HttpRequest (*make)(), Error lost) {
        FakeHost host;
        host.http.on("* https://*", [lost](const HttpRequest&) -> HttpResponse { throw lost; });
        StageContext context = host.context();
        const Error error = failure_of(host, send_with_retry(context, {3}, "", make, by_status));
        CHECK(std::string(error.what()).find("cloud:") == 0);
        return host.http.count("*");
    };
    const Error lost(ErrorKind::unavailable, "the connection was lost");
    CHECK(attempts(reading, lost) == 3);
    CHECK(attempts(create, lost) == 1);
    CHECK(attempts(create, Error(lost).repeat(Repeat::harmless)) == 3);
    CHECK(attempts(reading, Error(lost).repeat(Repeat::useless)) == 1);
    CHECK(attempts(reading, Error(ErrorKind::timeout, "too late")) == 1);
    CHECK(attempts(reading, Error(ErrorKind::limit_exceeded, "too large")) == 1);
}

TEST_CASE("a corrected clock is signed for once and costs no attempt") {
    FakeHost host;
    int asked = 0;
    host.http.on("POST *", reply(403));
    const auto judge = [&](const HttpResponse& response) {
        Verdict verdict = by_status(response);
        verdict.resign = true;
        return verdict;
    };
    const auto make = [&] {
        ++asked;
        return create();
    };
    StageContext context = host.context();
    failure_of(host, send_with_retry(context, {1}, "", make, judge));
    CHECK(asked == 2);
    CHECK(passed(host) == 0ms);
}

TEST_CASE("each attempt is a request of its own") {
    FakeHost host;
    int made = 0;
    host.http.once("POST *", reply(500));
    host.http.once("POST *", reply(500));
    host.http.on("POST *", reply(200, "done"));
    const auto make = [&] {
        HttpRequest request = create();
        request.headers.set("X-Attempt", std::to_string(++made));
        return request;
    };
    StageContext context = host.context();
    CHECK(host.run(send_with_retry(context, {}, "", make, by_status)).body == "done");
    REQUIRE(host.http.requests().size() == 3);
    CHECK(host.http.requests()[2].headers.get("x-attempt") == "3");
}

TEST_CASE("a cancelled retry ends at once") {
    FakeHost host;
    host.http.on("POST *", reply(429, "", {{"Retry-After", "100"}}));
    StageContext context = host.context(1h);
    std::optional<ErrorKind> kind;
    const auto go = [](StageContext& in, std::optional<ErrorKind>& out) -> Task<void> {
        try {
            auto sending = send_with_retry(in, {}, "", create, by_status);
            co_await std::move(sending);
        } catch (const Error& error) {
            out = error.kind();
        }
    };
    host.run_cancelling(go(context, kind), [&] { return !host.clock.sleeps().empty(); });
    CHECK(kind == ErrorKind::cancelled);
    CHECK(host.http.count("POST *") == 1);
}
