// SPDX-License-Identifier: Apache-2.0
#include "code_engine_tester.hpp"
#include "errors.hpp"
#include "openwhisk_tester.hpp"
#include "plugins/ibm/world.hpp"

#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using ibm_test::World;
using testing::reply;
using Cause = FunctionError::Cause;

namespace {

constexpr const char* calls = "POST https://f.sub.eu-de.codeengine.appdomain.cloud/*";

Deployment deployed() {
    Deployment deployment;
    deployment.identity = {"gate", "f", "ibm", "eu-de", Realm::real, "auto"};
    deployment.cloud_name = "f";
    deployment.link = "https://f.sub.eu-de.codeengine.appdomain.cloud";
    deployment.timeout_seconds = 30;
    deployment.probe_key = Secret("key-of-the-probe");
    return deployment;
}

Invocation invoke(World& world, json::value event = 1, bool probe = false) {
    StageContext context = world.host.context();
    const Deployment deployment = deployed();
    const InvokeRequest request{deployment, std::move(event), probe, false, world.settings};
    return world.host.run(world.provider().tester().invoke(request, context));
}

HttpResponse platform(int status, const std::string& message) {
    return reply(status, "{}", {{"x-faas-errormessage", message}});
}

} // namespace

TEST_CASE("invoke: the event is the body and the answer is the output") {
    World world;
    world.host.http.on(calls, reply(200, R"({"a":1})",
                                    {{"x-faas-actionstatus", "200"},
                                     {"x-faas-activation-id", "act"},
                                     {"x-pyfops-ran-on", "3.11.2"}}));
    const Invocation answer = invoke(world, json::object{{"n", 1}});
    CHECK(answer.output == json::value{{"a", 1}});
    CHECK(answer.request_id == "act");
    CHECK(answer.ran_on == "3.11.2");
    const HttpRequest sent = world.host.http.requests().back();
    CHECK(sent.body.view() == R"({"n":1})");
    CHECK(sent.headers.get("Content-Type") == "application/json");
    // The endpoint is open to all: no key goes there.
    CHECK_FALSE(sent.headers.has("Authorization"));
    CHECK(world.tokens == 0);
}

TEST_CASE("invoke: a failing handler is told by the wrapper's mark") {
    World world;
    world.host.http.on(calls,
                       reply(500, R"({"error":"E: m","errorType":"E","errorMessage":"m","stackTrace":[]})",
                             {{"x-faas-actionstatus", "500"}, {"x-pyfops-error", "function"}}));
    const Invocation answer = invoke(world);
    REQUIRE(answer.error);
    CHECK(answer.error->type == "E");
    CHECK(answer.error->cause == Cause::raised);
    CHECK(world.host.http.count(calls) == 1);
}

TEST_CASE("invoke: the platform's own statuses") {
    World world;
    SUBCASE("299: too slow") {
        world.host.http.on(calls, platform(299, "aborted"));
        CHECK(invoke(world).error->cause == Cause::timed_out);
        CHECK(world.host.http.count(calls) == 1);
    }
    SUBCASE("424 once: repeated") {
        world.host.http.once(calls, platform(424, "later"));
        world.host.http.on(calls, reply(200, "5", {{"x-faas-actionstatus", "200"}}));
        CHECK(invoke(world).output == json::value(5));
        CHECK(world.host.http.count(calls) == 2);
    }
    SUBCASE("424 always: it cannot be executed") {
        world.host.http.on(calls, platform(424, "the instance ended"));
        CHECK(invoke(world).error->cause == Cause::exited);
        CHECK(world.host.http.count(calls) == 4);
    }
    SUBCASE("424 always and memory is the reason") {
        world.host.http.on(calls, platform(424, "ran out of memory"));
        CHECK(invoke(world).error->cause == Cause::out_of_memory);
    }
    SUBCASE("422: the code is not valid") {
        world.host.http.on(calls, platform(422, "syntax"));
        CHECK(invoke(world).error->cause == Cause::not_loaded);
        CHECK(world.host.http.count(calls) == 1);
    }
    SUBCASE("416: too large an answer") {
        world.host.http.on(calls, platform(416, "big"));
        CHECK(invoke(world).error->cause == Cause::bad_answer);
    }
    for (const int status : {429, 500, 502, 503})
        SUBCASE(std::to_string(status).c_str()) {
            world.host.http.on(calls, platform(status, "not now"));
            CHECK_THROWS_AS(invoke(world), Error);
            CHECK(world.host.http.count(calls) == 4);
        }
    SUBCASE("507: not repeated") {
        world.host.http.on(calls, platform(507, "disk"));
        CHECK_THROWS_AS(invoke(world), Error);
        CHECK(world.host.http.count(calls) == 1);
    }
}

TEST_CASE("invoke: a connection that is lost is not repeated") {
    World world;
    world.host.http.on(calls, [](const HttpRequest&) -> HttpResponse {
        throw Error(ErrorKind::unavailable, "connection lost");
    });
    CHECK_THROWS_AS(invoke(world), Error);
    CHECK(world.host.http.count(calls) == 1);
}

TEST_CASE("invoke: a probe call and one that is not understood") {
    World world;
    world.host.http.once(
        calls, reply(200, R"({"__pyfops__":{"v":1,"result":7,"peak_rss_kb":9000,"cold_start":true}})",
                     {{"x-faas-actionstatus", "200"}}));
    const Invocation answer = invoke(world, 7, true);
    CHECK(answer.output == json::value(7));
    CHECK(answer.peak_rss_kb == 9000);
    CHECK(answer.cold == true);
    world.host.http.on(calls, reply(200, "7", {{"x-faas-actionstatus", "200"}}));
    CHECK_THROWS_AS(invoke(world, 7, true), Error);
}

TEST_CASE("invoke: an event over 5 MB is not sent") {
    World world;
    CHECK_THROWS_AS(invoke(world, json::value(std::string(6u << 20, 'x'))), Error);
    CHECK(world.host.http.requests().empty());
}

TEST_CASE("errors: kinds and hints of what the services say") {
    const ibm::CallNote note{"codeengine:CreateFunction", "the function f", "Code Engine in eu-de",
                             "environment"};
    const auto kind = [&](int status, const std::string& code, const std::string& message) {
        return ibm::to_error({status, code, message}, note).kind();
    };
    CHECK(kind(400, "bad_request", "name") == ErrorKind::invalid_input);
    CHECK(kind(400, "function_limit_exceeded", "") == ErrorKind::limit_exceeded);
    CHECK(kind(401, "", "") == ErrorKind::unauthenticated);
    CHECK(kind(403, "", "") == ErrorKind::forbidden);
    CHECK(kind(404, "", "") == ErrorKind::not_found);
    CHECK(kind(409, "", "") == ErrorKind::conflict);
    CHECK(kind(412, "", "") == ErrorKind::conflict);
    CHECK(kind(429, "", "") == ErrorKind::throttled);
    CHECK(kind(503, "", "") == ErrorKind::unavailable);
    CHECK_FALSE(ibm::to_error({500, "", ""}, note).hint().empty());
    const auto read = ibm::read_error(ibm_test::refuse(404, "resource_not_found", "Resource not found."));
    CHECK(read.code == "resource_not_found");
    CHECK(ibm::read_error(reply(502, "<html>proxy</html>")).message == "<html>proxy</html>");
    CHECK(ibm::read_error(reply(409, R"({"error":"resource already exists","code":"x"})")).message ==
          "resource already exists");
}

TEST_CASE("openwhisk: what an activation says of a call") {
    ibm::openwhisk::Activation activation;
    activation.status = "action developer error";
    const auto cause = [&](const std::string& message) {
        activation.result = json::object{{"error", message}};
        return ibm::read_activation(activation, false).error->cause;
    };
    CHECK(cause("The action exceeded its time limits of 500 milliseconds.") == Cause::timed_out);
    CHECK(cause("The action exhausted its memory and was aborted.") == Cause::out_of_memory);
    CHECK(cause("The action did not produce a valid response and exited unexpectedly.") == Cause::exited);
    CHECK(cause("The action did not return a dictionary or array.") == Cause::bad_answer);
    CHECK(cause("The action failed to initialize.") == Cause::not_loaded);
    const auto sent = [&](const char* member, const std::string& body) {
        json::object answer{{"statusCode", member ? 500 : 200}, {"body", base64(body)}};
        if (member) answer["headers"] = json::object{{"x-pyfops-error", "function"}};
        activation.result = member ? json::value{{member, answer}} : json::value(answer);
        return ibm::read_activation(activation, false);
    };
    CHECK(sent(nullptr, "[1]").output == json::value(json::array{1}));
    CHECK(sent("error", R"({"errorType":"E","errorMessage":"m"})").error->type == "E");
}
