// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"
#include "plugins/google/world.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace pyfops;
using google_test::World;
using testing::reply;
using Cause = FunctionError::Cause;

namespace {

/// A deployed function whose answers the tests script.
struct Called {
    World world;
    Deployment deployment;
    bool probe = false, logs = false;

    explicit Called(bool open = false) {
        if (open) world.settings["public"] = true;
        deployment = world.deploy();
        world.operations();
    }
    void answers(HttpResponse response) {
        world.host.http.on("POST https://europe-west1-proj-1.cloudfunctions.net/gate-thumbnail",
                           std::move(response));
    }
    void log(const std::string& text) {
        world.host.http.on(
            "POST https://logging.googleapis.com/v2/entries:list",
            reply(200, json::serialize(json::object{
                           {"entries", json::array{json::object{{"timestamp", "2026-11-23T00:00:01.5Z"},
                                                                {"textPayload", text}}}}})));
    }
    Invocation invoke(const json::value& event = json::object{{"w", 1}}) {
        StageContext context = world.host.context();
        const InvokeRequest request{deployment, event, probe, logs, world.settings};
        return world.host.run(world.provider.tester().invoke(request, context));
    }
    Error failure() {
        try {
            invoke();
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("it was answered");
    }
};

const std::vector<std::pair<std::string, std::string>> failed{{"x-pyfops-error", "function"}};

} // namespace

TEST_CASE("invoke: the event goes with an ID token for the function's URL") {
    Called called;
    called.answers(
        reply(200, R"({"width":200})", {{"X-Cloud-Trace-Context", "0af7651916cd43dd8448eb211c80319c;o=1"}}));
    const Invocation got = called.invoke();
    REQUIRE(got.output);
    CHECK(json::serialize(*got.output) == R"({"width":200})");
    CHECK(got.request_id == "0af7651916cd43dd8448eb211c80319c");
    const HttpRequest sent = called.world.last("run:Invoke");
    CHECK(sent.headers.get("Authorization") ==
          "Bearer id-token-for-https://europe-west1-proj-1.cloudfunctions.net/gate-thumbnail");
    CHECK(sent.body.view() == R"({"w":1})");
    called.invoke();
    CHECK(called.world.operations() == google_test::Names{"oauth2:Token", "run:Invoke", "run:Invoke"});
}

TEST_CASE("invoke: a public function is called without a token") {
    Called called(true);
    called.answers(reply(200, "null"));
    CHECK(called.invoke().output->is_null());
    CHECK_FALSE(called.world.last("run:Invoke").headers.has("Authorization"));
}

TEST_CASE("invoke: a token goes to no other address") {
    Called called;
    called.deployment.link = "https://evil.example/gate-thumbnail";
    CHECK(called.failure().kind() == ErrorKind::conflict);
    CHECK(called.world.operations() == google_test::Names{});
}

TEST_CASE("invoke: a probe call tells what the wrapper measured") {
    Called called;
    called.probe = true;
    called.answers(reply(200, R"({"__pyfops__":{"v":1,"result":[1],"peak_rss_kb":5000,"duration_ms":1.5,)"
                              R"("cold_start":true,"instance":"i","python":"3.11.2"}})"));
    const Invocation got = called.invoke();
    CHECK(json::serialize(*got.output) == "[1]");
    CHECK(*got.peak_rss_kb == 5000);
    CHECK(*got.cold);
    CHECK(got.ran_on == "3.11.2");
    const json::value sent = google_test::body(called.world.last("run:Invoke"));
    CHECK(string_or(sent.at("__pyfops__"), "key") == called.deployment.probe_key.expose());
}

TEST_CASE("invoke: a failure of the function is told from the platform's by the header") {
    Called called;
    called.answers(reply(500,
                         R"({"error":"ValueError: bad","errorType":"ValueError","errorMessage":"bad",)"
                         R"("stackTrace":["File \"m.py\""]})",
                         failed));
    const Invocation got = called.invoke();
    REQUIRE(got.error);
    CHECK(got.error->cause == Cause::raised);
    CHECK(got.error->type == "ValueError");
    CHECK_FALSE(got.output);
    CHECK(called.world.host.http.count("* https://logging.*") == 0);
}

TEST_CASE("invoke: what the platform ended is read from its log") {
    Called called;
    called.answers(reply(503, "The request failed because either the HTTP response was malformed ..."));
    SUBCASE("memory") {
        called.log(
            "Memory limit of 256 MiB exceeded with 263 MiB used. Consider increasing the memory limit");
        CHECK(called.invoke().error->cause == Cause::out_of_memory);
    }
    SUBCASE("exit") {
        called.log("Container called exit(3).");
        CHECK(called.invoke().error->cause == Cause::exited);
    }
    SUBCASE("signal") {
        called.log("Container terminated on signal 11.");
        CHECK(called.invoke().error->cause == Cause::exited);
    }
    SUBCASE("size") {
        called.log("Response size was too large. Please consider reducing response size.");
        CHECK(called.invoke().error->cause == Cause::bad_answer);
    }
    SUBCASE("nothing: then it is a hiccup and no verdict on the function") {
        called.log("Starting new instance. Reason: AUTOSCALING");
        const Error failure = called.failure();
        CHECK(failure.kind() == ErrorKind::unavailable);
        CHECK(called.world.host.http.count("* https://logging.*") == 4);
        CHECK(called.world.host.http.count("POST https://europe-west1-*") == 1); // not repeated
    }
    SUBCASE("no right to read the log") {
        called.world.host.http.on("POST https://logging.googleapis.com/v2/entries:list",
                                  google_test::error(403, "PERMISSION_DENIED", "no"));
        CHECK(called.failure().kind() == ErrorKind::unavailable);
    }
    const HttpRequest asked = called.world.last("logging:ListLogEntries");
    const std::string filter = string_or(google_test::body(asked), "filter");
    CHECK(filter.find("resource.labels.service_name=\"gate-thumbnail\"") != std::string::npos);
    CHECK(filter.find("resource.labels.location=\"europe-west1\"") != std::string::npos);
    CHECK(filter.find("varlog%2Fsystem") != std::string::npos);
    CHECK(filter.find("stdout") == std::string::npos); // what a function prints is no evidence
}

TEST_CASE("invoke: the platform's time limit") {
    Called called;
    called.answers(reply(504, "upstream request timeout"));
    const Invocation got = called.invoke();
    CHECK(got.error->cause == Cause::timed_out);
    CHECK(got.error->message.find("30 seconds") != std::string::npos);
}

TEST_CASE("invoke: refusals of the platform") {
    const std::pair<int, ErrorKind> rows[] = {{401, ErrorKind::forbidden},   {403, ErrorKind::forbidden},
                                              {404, ErrorKind::not_found},   {413, ErrorKind::limit_exceeded},
                                              {400, ErrorKind::unavailable}, {302, ErrorKind::unavailable}};
    for (const auto& [status, kind] : rows) {
        CAPTURE(status);
        Called called;
        called.answers(reply(status, "<html><body><h1>Error: Forbidden</h1></body></html>"));
        const Error failure = called.failure();
        CHECK(failure.kind() == kind);
        CHECK(failure.provider_message().find("<") == std::string::npos);
    }
    Called called;
    called.answers(reply(403));
    CHECK(called.failure().hint().find("roles/run.invoker") != std::string::npos);
    CHECK(called.failure().message().find("deployer@proj-1") != std::string::npos);
}

TEST_CASE("invoke: no free instance is waited for") {
    Called called;
    called.answers(reply(200, "1"));
    called.world.host.http.once("POST https://europe-west1-*",
                                reply(429, "Rate exceeded.", {{"Retry-After", "3"}}));
    const auto before = called.world.host.clock.steady_now();
    CHECK(called.invoke().output);
    CHECK(called.world.host.clock.steady_now() - before >= std::chrono::seconds(3));
}

TEST_CASE("invoke: Google's own page means that no instance took the event: it is sent again") {
    const HttpResponse page = reply(500, "<html><title>500 Server Error</title></html>",
                                    {{"Content-Type", "text/html; charset=UTF-8"}});
    Called called;
    SUBCASE("and answered") {
        called.answers(reply(200, "1"));
        called.world.host.http.once("POST https://europe-west1-*", page);
        CHECK(called.invoke().output);
    }
    SUBCASE("until it is given up, and the log asked why") {
        called.answers(page);
        called.log("Container called exit(1).");
        CHECK(called.invoke().error->cause == Cause::exited);
    }
    SUBCASE("and nobody knows why") {
        called.answers(page);
        called.log("Starting new instance. Reason: AUTOSCALING");
        const Error failure = called.failure();
        CHECK(failure.kind() == ErrorKind::unavailable);
        CHECK(failure.http_status() == 500);
        CHECK(called.world.host.http.count("POST https://europe-west1-*") == 5);
    }
}

TEST_CASE("invoke: the log tail when it is wanted") {
    Called called;
    called.logs = true;
    called.answers(reply(200, "1"));
    called.log("hello from the function");
    CHECK(called.invoke().log_tail == "hello from the function\n");
    called.world.host.http.on("POST https://logging.googleapis.com/v2/entries:list",
                              google_test::error(429, "RESOURCE_EXHAUSTED", "slow down"));
    const auto before = called.world.host.clock.steady_now();
    CHECK(called.invoke().log_tail.empty());
    CHECK(called.world.host.clock.steady_now() == before); // an answer does not wait for its log
}

TEST_CASE("invoke: an event above the limit is not sent") {
    Called called;
    CHECK_THROWS_AS(called.invoke(json::string(33u << 20, 'x')), Error);
    CHECK(called.world.host.http.count("POST https://europe-west1-*") == 0);
}
