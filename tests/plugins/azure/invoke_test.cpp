// SPDX-License-Identifier: Apache-2.0
#include "plugins/azure/world.hpp"

#include "invocation.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using azure_test::World;
using testing::reply;
using Cause = FunctionError::Cause;

namespace {

struct Called {
    World world;
    Deployment made = world.deploy();

    Invocation invoke(bool probe = false) {
        StageContext context = world.host.context();
        const InvokeRequest request{made, json::object{{"w", 1}}, probe, false, world.settings};
        return world.host.run(world.provider->tester().invoke(request, context));
    }
    Error failure() {
        try {
            invoke();
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("the invocation succeeded");
    }
};

} // namespace

TEST_CASE("azure invoke: the app's key and the function's JSON") {
    Called one;
    one.world.host.http.on("POST */api/thumbnail",
                           reply(200, R"({"width":200})", {{"x-ms-invocation-id", "i-1"}}));
    const Invocation got = one.invoke();
    REQUIRE(got.output);
    CHECK(json::serialize(*got.output) == R"({"width":200})");
    CHECK(got.request_id == "i-1");
    one.invoke();
    CHECK(one.world.host.http.count("POST */host/default/listkeys*") == 1);
    const auto sent = one.world.host.http.requests("POST */api/thumbnail");
    CHECK(sent[0].headers.get("x-functions-key") == "function-key-1");
    CHECK_FALSE(sent[0].headers.has("Authorization"));
    CHECK(sent[0].url.str() == one.made.link);
}

TEST_CASE("azure invoke: a function's own key where the app has none for all") {
    Called one;
    one.world.host.http.on("POST */host/default/listkeys*",
                           reply(200, R"({"masterKey":"m","functionKeys":{},"systemKeys":{}})"));
    one.world.host.http.on("POST */functions/pyfops-thumbnail/listkeys*", reply(200, R"({"mine":"key-2"})"));
    one.world.host.http.on("POST */api/thumbnail", reply(200, "1"));
    one.invoke();
    CHECK(one.world.host.http.requests("POST */api/thumbnail")[0].headers.get("x-functions-key") == "key-2");
}

TEST_CASE("azure invoke: a public function needs no key") {
    Called one;
    one.world.settings["public"] = true;
    one.world.host.http.on("POST */api/thumbnail", reply(200, "1"));
    one.invoke();
    CHECK(one.world.host.http.count("POST */host/default/listkeys*") == 0);
}

TEST_CASE("azure invoke: a key that was renewed is read again") {
    Called one;
    one.world.host.http.on("POST */api/thumbnail", reply(200, "1"));
    one.world.host.http.once("POST */api/thumbnail", reply(401));
    CHECK(one.invoke().output);
    CHECK(one.world.host.http.count("POST */host/default/listkeys*") == 2);
}

TEST_CASE("azure invoke: the function's own error is told by its header") {
    Called one;
    one.world.host.http.on("POST */api/thumbnail",
                           reply(500,
                                 R"({"error":"ValueError: no","errorType":"ValueError","errorMessage":"no",)"
                                 R"("stackTrace":["File \"a.py\", line 1"]})",
                                 {{"x-pyfops-error", "function"}}));
    const Invocation got = one.invoke();
    REQUIRE(got.error);
    CHECK(got.error->type == "ValueError");
    CHECK(got.error->cause == Cause::raised);
    CHECK(got.error->stack.size() == 1);
}

TEST_CASE("azure invoke: what Azure answers in place of the function") {
    const auto read = [](int status, Milliseconds took) {
        return azure::read_invocation(reply(status), false, took, 30);
    };
    CHECK(read(500, Milliseconds(1200)).error->cause == Cause::exited);
    CHECK(read(500, Milliseconds(30'100)).error->cause == Cause::timed_out);
    CHECK(read(504, Milliseconds(230'000)).error->cause == Cause::timed_out);
    const auto judged = [](int status) { return azure::judge_invocation(reply(status), "app"); };
    CHECK_FALSE(judged(200).failure);
    CHECK_FALSE(judged(500).failure);
    CHECK(judged(401).failure->kind() == ErrorKind::unauthenticated);
    CHECK_FALSE(judged(401).retry);
    CHECK(judged(404).failure->kind() == ErrorKind::not_found);
    CHECK(judged(429).throttled);
    CHECK(judged(503).retry);
    CHECK(judged(502).failure->kind() == ErrorKind::unavailable);
    CHECK_FALSE(judged(502).retry); // it may have been acted on
}

TEST_CASE("azure invoke: a host that is not ready yet is asked again and in the end told") {
    Called one;
    one.world.host.http.on("POST */api/thumbnail", reply(200, "1"));
    one.world.host.http.once("POST */api/thumbnail", reply(404));
    one.world.host.http.once("POST */api/thumbnail", reply(503, "The service is unavailable."));
    CHECK(one.invoke().output);
    one.world.host.http.on("POST */api/thumbnail", reply(404));
    CHECK(one.failure().kind() == ErrorKind::not_found);
}

TEST_CASE("azure invoke: keys go to hosts of function apps only") {
    Called one;
    one.made.details["host"] = "evil.example";
    CHECK(one.failure().message().find("evil.example") != std::string::npos);
    CHECK(one.world.host.http.count("* https://evil.example/*") == 0);
}

TEST_CASE("azure invoke: a probe call holds the key and reads what was measured") {
    Called one;
    one.world.host.http.on(
        "POST */api/thumbnail",
        reply(200, R"({"__pyfops__":{"v":1,"result":7,"peak_rss_kb":2048,"cold_start":true}})"));
    const Invocation got = one.invoke(true);
    CHECK(*got.output == 7);
    CHECK(*got.peak_rss_kb == 2048);
    CHECK(*got.memory_used_mb == 2);
    CHECK(*got.cold);
    const json::value sent = azure_test::body(one.world.host.http.requests("POST */api/thumbnail").back());
    CHECK(string_or(sent.at("__pyfops__"), "key") == one.made.probe_key.expose());
}
