// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/invocation.hpp"

#include "pyfops/error.hpp"
#include "pyfops/json.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;

namespace {

HttpResponse reply(int status, std::string body, bool marked = false) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    if (marked) response.headers.set("X-Pyfops-Error", "function");
    return response;
}

const char* document =
    R"({"error": "KeyError: 'a'", "errorType": "KeyError", "errorMessage": "'a'", "stackTrace": ["File \"a.py\"\n",
        "File \"_pyfops_runtime.py\""]})";

} // namespace

TEST_CASE("an event is sent as it is or inside a probe call with the deployment's key") {
    Deployment deployment;
    const json::object settings;
    InvokeRequest request{deployment, json::object{{"a", 1}}, false, false, settings};
    CHECK(sdk::event_body(request, 100) == R"({"a":1})");
    CHECK_THROWS_WITH_AS(sdk::event_body(request, 6), doctest::Contains("7 bytes"), Error);
    request.probe = true;
    CHECK_THROWS_WITH_AS(sdk::event_body(request, 100), doctest::Contains("deploy it again"), Error);
    deployment.probe_key = Secret(std::string("key-of-it"));
    CHECK(sdk::event_body(request, 100) == R"({"__pyfops__":{"v":1,"key":"key-of-it","event":{"a":1}}})");
}

TEST_CASE("over HTTP the wrapper's header tells the function's failure from the platform's") {
    CHECK(*sdk::read_http_answer(reply(200, "[1, null]"), false, "x")->output == json::array{1, nullptr});
    CHECK(sdk::read_http_answer(reply(200, "null"), false, "x")->output->is_null());
    CHECK_FALSE(sdk::read_http_answer(reply(500, document), false, "x"));
    CHECK_FALSE(sdk::read_http_answer(reply(429, ""), false, "x"));
    CHECK_THROWS_AS(sdk::read_http_answer(reply(200, "<html>"), false, "x"), Error);
    const auto failed = sdk::read_http_answer(reply(500, document, true), false, "x");
    REQUIRE(failed);
    CHECK_FALSE(failed->output);
    CHECK(failed->error->type == "KeyError");
    CHECK(failed->error->message == "'a'");
    CHECK(failed->error->cause == FunctionError::Cause::raised);
    CHECK(failed->error->stack == std::vector<std::string>{"File \"a.py\""});
}

TEST_CASE("a probe call's answer has what the wrapper measured") {
    const char* measured =
        R"({"__pyfops__": {"v": 1, "result": {"n": 1}, "duration_ms": 1.5, "peak_rss_kb": 9000,
                               "cold_start": true, "instance": "abc", "python": "3.11.2"}})";
    const auto good = sdk::read_http_answer(reply(200, measured), true, "x");
    REQUIRE(good);
    CHECK(*good->output == json::object{{"n", 1}});
    CHECK(good->duration_ms == 1.5);
    CHECK(good->peak_rss_kb == 9000);
    CHECK(good->cold == true);
    CHECK(good->instance == "abc");
    CHECK(good->ran_on == "3.11.2");
    const char* failure =
        R"({"__pyfops__": {"v": 1, "error": {"type": "Runtime.MarshalError", "message": "m", "stack": []}}})";
    const auto bad = sdk::read_http_answer(reply(200, failure), true, "x");
    CHECK(bad->error->cause == FunctionError::Cause::bad_answer);
    CHECK_FALSE(bad->output);
    CHECK_THROWS_WITH_AS(sdk::read_http_answer(reply(200, R"({"n": 1})"), true, "x"),
                         doctest::Contains("does not answer probe calls"), Error);
}

TEST_CASE("causes follow from the names that platforms and wrappers use") {
    const auto cause = [](const char* type, const char* message) {
        FunctionError error;
        error.type = type;
        error.message = message;
        return sdk::cause_of(error);
    };
    using Cause = FunctionError::Cause;
    CHECK(cause("Sandbox.Timedout", "") == Cause::timed_out);
    CHECK(cause("", "Task timed out after 3.00 seconds") == Cause::timed_out);
    CHECK(cause("Runtime.OutOfMemory", "") == Cause::out_of_memory);
    CHECK(cause("Runtime.ExitError", "signal: killed") == Cause::out_of_memory);
    CHECK(cause("Runtime.ExitError", "exit status 1") == Cause::exited);
    CHECK(cause("Runtime.ImportModuleError", "") == Cause::not_loaded);
    CHECK(cause("ValueError", "") == Cause::raised);
}
