// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"
#include "plugins/aws/world.hpp"
#include "pyfops/crypto.hpp"
#include "report.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using testing::reply;
using Cause = FunctionError::Cause;

namespace {

const std::string report =
    "START RequestId: 1-2 Version: $LATEST\nhello\nEND RequestId: 1-2\nREPORT RequestId: "
    "1-2\tDuration: 15.74 ms\tBilled Duration: 16 ms\tMemory Size: 128 MB\tMax Memory Used: "
    "56 MB\tInit Duration: 130.49 ms\t\n";

HttpResponse failed(const std::string& body) {
    return reply(200, body, {{"X-Amz-Function-Error", "Unhandled"}});
}

} // namespace

TEST_CASE("report: the line as Lambda writes it") {
    const auto read = aws::parse_report(report);
    REQUIRE(read);
    CHECK(read->request_id == "1-2");
    CHECK(*read->duration_ms == doctest::Approx(15.74));
    CHECK(*read->billed_ms == 16);
    CHECK(*read->memory_mb == 128);
    CHECK(*read->used_mb == 56);
    CHECK(*read->init_ms == doctest::Approx(130.49));
    const auto warm =
        aws::parse_report("REPORT RequestId: x\tDuration: 1 ms\tStatus: timeout\tXRAY TraceId: 1-2\t\n");
    REQUIRE(warm);
    CHECK_FALSE(warm->init_ms);
    CHECK(warm->status == "timeout");
    CHECK_FALSE(aws::parse_report("nothing"));
    CHECK(aws::parse_report("REPORT RequestId: "));
    const auto strange = aws::parse_report(
        "REPORT RequestId: x\tDuration: nan ms\tMemory Size: -5 MB\tMax Memory Used: 1e99 MB");
    CHECK_FALSE(strange->duration_ms);
    CHECK_FALSE(strange->memory_mb);
    CHECK_FALSE(strange->used_mb);
}

TEST_CASE("invoke: answer and measurements") {
    aws_test::World world;
    const Deployment made = world.deploy();
    world.host.http.on(
        "POST */invocations",
        reply(200, R"({"width":200})", {{"X-Amz-Log-Result", base64(report)}, {"x-amzn-RequestId", "r"}}));
    StageContext context = world.host.context();
    const InvokeRequest request{made, json::object{{"w", 1}}, false, true, world.settings};
    const Invocation got = world.host.run(world.provider.tester().invoke(request, context));
    REQUIRE(got.output);
    CHECK(json::serialize(*got.output) == R"({"width":200})");
    CHECK_FALSE(got.error);
    CHECK(got.request_id == "r");
    CHECK(*got.memory_used_mb == 56);
    CHECK(*got.cold);
    CHECK(got.log_tail == report);
    CHECK(world.host.http.requests("POST */invocations")[0].body.view() == R"({"w":1})");
}

TEST_CASE("invoke: failures of the function have a cause") {
    const std::pair<const char*, Cause> rows[] = {
        {R"({"errorMessage":"Handler fails","errorType":"Exception","requestId":"u","stackTrace":["  File \"/var/task/m.py\", line 2, in handler\n    raise\n","  File \"/var/task/_pyfops_aws.py\", line 2, in handler\n"]})",
         Cause::raised},
        {R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: u Error: Task timed out after 30.00 seconds"})",
         Cause::timed_out},
        {R"({"errorMessage":"2026-11-23T00:00:00.000Z u Task timed out after 3.00 seconds"})",
         Cause::timed_out},
        {R"({"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: u Error: Runtime exited with error: signal: killed"})",
         Cause::out_of_memory},
        {R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: u Error: Runtime exited with error: signal: killed"})",
         Cause::out_of_memory},
        {R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: u Error: Runtime exited without providing a reason"})",
         Cause::exited},
        {R"-({"errorType":"Runtime.ExitError","errorMessage":"The handler called sys.exit(3)"})-",
         Cause::exited},
        {R"({"errorType":"Runtime.ImportModuleError","errorMessage":"Unable to import module 'm': No module"})",
         Cause::not_loaded},
        {R"({"errorType":"Runtime.HandlerNotFound","errorMessage":"x"})", Cause::not_loaded},
        {R"({"errorType":"Exception","errorMessage":"boom","requestId":""})", Cause::not_loaded},
        {R"({"errorType":"Runtime.MarshalError","errorMessage":"answer is bytes"})", Cause::bad_answer},
        {R"({"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded"})",
         Cause::bad_answer},
        {R"({"errorType":"KeyError","errorMessage":""})", Cause::raised},
        {R"(null)", Cause::raised},
        {R"([1])", Cause::raised},
    };
    for (const auto& [body, cause] : rows) {
        CAPTURE(body);
        const Invocation got = aws::read_invocation(failed(body), false);
        REQUIRE(got.error);
        CHECK(got.error->cause == cause);
        CHECK_FALSE(got.output);
    }
    const Invocation first = aws::read_invocation(failed(rows[0].first), false);
    CHECK(first.error->type == "Exception");
    REQUIRE(first.error->stack.size() == 1); // the entry file is not shown
    CHECK(first.error->stack[0].find("m.py") != std::string::npos);
}

TEST_CASE("invoke: a probe call asks with the key and reads what was measured") {
    aws_test::World world;
    const Deployment made = world.deploy();
    world.host.http.on(
        "POST */invocations",
        reply(200, R"({"__pyfops__":{"v":1,"result":[1],"duration_ms":12.5,"cpu_ms":3,"peak_rss_kb":20480,
                                  "cold_start":true,"instance":"abc","python":"3.11.2"}})"));
    StageContext context = world.host.context();
    const InvokeRequest request{made, "x", true, false, world.settings};
    const Invocation got = world.host.run(world.provider.tester().invoke(request, context));
    CHECK(json::serialize(*got.output) == "[1]");
    CHECK(*got.peak_rss_kb == 20480);
    CHECK(*got.duration_ms == 12.5);
    CHECK(*got.cold);
    CHECK(got.instance == "abc");
    CHECK(got.ran_on == "3.11.2");
    const json::value sent = aws_test::body(world.host.http.requests("POST */invocations")[0]);
    CHECK(string_or(*find(sent, "__pyfops__"), "key") == made.probe_key.expose());
    CHECK(string_or(*find(sent, "__pyfops__"), "event") == "x");
    world.host.http.on(
        "POST */invocations",
        reply(200,
              R"({"__pyfops__":{"v":1,"error":{"type":"ValueError","message":"bad","stack":["File"]}}})"));
    const Invocation error = world.host.run(world.provider.tester().invoke(request, context));
    REQUIRE(error.error);
    CHECK(error.error->type == "ValueError");
    CHECK_FALSE(error.output);
    world.host.http.on("POST */invocations", reply(200, R"("x")"));
    CHECK_THROWS_AS(world.host.run(world.provider.tester().invoke(request, context)), Error);
}

TEST_CASE("invoke: what is not JSON is the platform's failure") {
    CHECK_THROWS_AS(aws::read_invocation(reply(200, "<html>"), false), Error);
    CHECK(aws::read_invocation(reply(200, ""), false).output->is_null());
    CHECK(
        aws::read_invocation(reply(200, "1", {{"X-Amz-Log-Result", "not base64!"}}), false).log_tail.empty());
}
