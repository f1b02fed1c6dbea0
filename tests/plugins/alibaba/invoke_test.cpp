// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"
#include "plugins/alibaba/world.hpp"
#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using testing::reply;
using Cause = FunctionError::Cause;

namespace {

const std::string invocations =
    "POST "
    "https://1234567890123456.eu-central-1.fc.aliyuncs.com/2023-03-30/functions/gate-thumbnail/invocations";

HttpResponse failed(const std::string& body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("X-Fc-Error-Type", "UnhandledInvocationError");
    return reply(200, body, std::move(headers));
}

Invocation invoke(alibaba_test::World& world, const Deployment& made, bool probe = false) {
    StageContext context = world.host.context();
    const InvokeRequest request{made, json::object{{"w", 1}}, probe, true, world.settings};
    return world.host.run(world.provider().tester().invoke(request, context));
}

} // namespace

TEST_CASE("invoke: answer and measurements") {
    alibaba_test::World world;
    const Deployment made = world.deploy();
    world.host.http.on(invocations,
                       reply(200, R"({"width":200})",
                             {{"x-fc-request-id", "r"},
                              {"x-fc-invocation-duration", "12.4"},
                              {"x-fc-max-memory-usage", "41.35"},
                              {"x-fc-log-result", base64("FC Invoke Start RequestId: r\nhello\n")}}));
    const Invocation got = invoke(world, made);
    REQUIRE(got.output);
    CHECK(json::serialize(*got.output) == R"({"width":200})");
    CHECK_FALSE(got.error);
    CHECK(got.request_id == "r");
    CHECK(*got.duration_ms == doctest::Approx(12.4));
    CHECK(*got.billed_ms == 13);
    CHECK(*got.memory_used_mb == 42);
    CHECK(got.log_tail == "FC Invoke Start RequestId: r\nhello\n");
    const auto sent = world.host.http.requests(invocations);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].body.view() == R"({"w":1})");
    CHECK(sent[0].headers.get("Content-Type") == "application/octet-stream");
    CHECK(sent[0].headers.get("x-fc-log-type") == "Tail");
    CHECK_FALSE(sent[0].idempotent);
    // What Function Compute adds to a request is not signed, as its own clients have it.
    CHECK(sent[0].headers.get("Authorization").find("x-fc-") == std::string::npos);
}

TEST_CASE("invoke: failures of the function have a cause although their status is 200") {
    const std::string process =
        R"-({"errorMessage":"Process exited unexpectedly before completing request (duration: 45ms, maxMemoryUsage: 30.10MB)"})-";
    struct Row {
        std::string body, memory;
        Cause cause;
    };
    const Row rows[] = {
        {R"({"errorMessage":"boom","errorType":"ValueError","stackTrace":["File \"m.py\", line 1","File \"/code/_pyfops_alibaba.py\", line 2"]})",
         "30", Cause::raised},
        {R"-({"errorMessage":"Function timed out after 3 seconds (maxMemoryUsage: 9.18MB)"})-", "9.18",
         Cause::timed_out},
        {process, "30.10", Cause::exited},
        {process, "256.00", Cause::out_of_memory},
        {process, "250.00", Cause::out_of_memory},
        {process, "200.00", Cause::exited},
        {R"-({"errorMessage":"The handler called sys.exit(3)","errorType":"Runtime.ExitError"})-", "30",
         Cause::exited},
        {R"({"errorMessage":"Unable to import module 'm'","errorType":"Runtime.ImportModuleError"})", "30",
         Cause::not_loaded},
        {R"({"errorMessage":"answer is bytes","errorType":"Runtime.MarshalError"})", "30", Cause::bad_answer},
        {"no JSON at all", "30", Cause::raised},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body);
        const Invocation got =
            alibaba::read_invocation(failed(row.body, {{"x-fc-max-memory-usage", row.memory}}), false, 256);
        REQUIRE(got.error);
        CHECK_FALSE(got.output);
        CHECK(got.error->cause == row.cause);
        CHECK_FALSE(got.error->message.empty());
    }
    const Invocation first = alibaba::read_invocation(failed(rows[0].body), false, 256);
    CHECK(first.error->type == "ValueError");
    CHECK(first.error->stack == std::vector<std::string>{"File \"m.py\", line 1"});
    const Invocation started =
        alibaba::read_invocation(reply(200, "{}", {{"x-fc-error-type", "InitializationError"}}), false, 256);
    CHECK(started.error->cause == Cause::not_loaded);
    CHECK(started.error->type == "InitializationError");
}

TEST_CASE("invoke: headers that are not numbers lose only themselves") {
    const Invocation got = alibaba::read_invocation(reply(200, "1",
                                                          {{"x-fc-invocation-duration", "nan"},
                                                           {"x-fc-max-memory-usage", "-3"},
                                                           {"x-fc-log-result", "***"}}),
                                                    false, 256);
    CHECK_FALSE(got.duration_ms);
    CHECK_FALSE(got.memory_used_mb);
    CHECK(got.log_tail.empty());
    CHECK(*got.output == 1);
    CHECK_THROWS_AS(alibaba::read_invocation(reply(200, "<html>"), false, 256), Error);
}

TEST_CASE("invoke: a probe call carries the key and its answer is taken apart") {
    alibaba_test::World world;
    const Deployment made = world.deploy();
    world.host.http.once(
        invocations,
        reply(200, R"({"__pyfops__":{"v":1,"result":[1],"peak_rss_kb":9000,"python":"3.10.1"}})"));
    const Invocation got = invoke(world, made, true);
    CHECK(json::serialize(*got.output) == "[1]");
    CHECK(*got.peak_rss_kb == 9000);
    CHECK(got.ran_on == "3.10.1");
    const json::value sent = alibaba_test::body(world.host.http.requests(invocations).back());
    CHECK(string_or(*find(sent, "__pyfops__"), "key") == made.probe_key.expose());
    world.host.http.once(invocations, reply(200, "[1]"));
    CHECK_THROWS_AS(invoke(world, made, true), Error);
}

TEST_CASE("invoke: a lost answer is not repeated but throttling is") {
    alibaba_test::World world;
    const Deployment made = world.deploy();
    world.host.http.once(invocations, [](const HttpRequest&) -> HttpResponse {
        throw Error(ErrorKind::unavailable, "the connection was lost");
    });
    CHECK_THROWS_AS(invoke(world, made), Error);
    CHECK(world.host.http.count(invocations) == 1);
    world.host.http.on(invocations, reply(200, "1"));
    world.host.http.once(invocations, alibaba_test::error(429, "ResourceExhausted", "busy"));
    CHECK(*invoke(world, made).output == 1);
}

TEST_CASE("invoke: platform errors and events that are too large are not function errors") {
    alibaba_test::World world;
    const Deployment made = world.deploy();
    world.host.http.on(invocations, alibaba_test::error(404, "FunctionNotFound", "gone"));
    try {
        invoke(world, made);
        FAIL("it was there");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::not_found);
    }
    StageContext context = world.host.context();
    const InvokeRequest large{made, json::value(std::string((32u << 20) + 1, 'x')), false, true,
                              world.settings};
    CHECK_THROWS_AS(world.host.run(world.provider().tester().invoke(large, context)), Error);
}
