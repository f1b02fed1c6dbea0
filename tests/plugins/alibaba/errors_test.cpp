// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"
#include "plugins/alibaba/names.hpp"
#include "plugins/alibaba/world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace pyfops;
using alibaba::ApiError;
using alibaba_test::Names;
using testing::reply;

namespace {

struct Row {
    int status;
    const char* code;
    const char* message;
    ErrorKind kind;
    bool retry;
};

} // namespace

TEST_CASE("errors: code and status give kind and whether it is worth repeating") {
    const Row rows[] = {
        {404, "FunctionNotFound", "function 'x' does not exist", ErrorKind::not_found, false},
        {404, "TriggerNotFound", "x", ErrorKind::not_found, false},
        {404, "NoSuchBucket", "x", ErrorKind::not_found, false},
        {404, "ProjectNotExist", "x", ErrorKind::not_found, false},
        {409, "FunctionAlreadyExists", "x", ErrorKind::conflict, false},
        {412, "ConcurrentUpdateError", "x", ErrorKind::conflict, false},
        {409, "BucketNotEmpty", "x", ErrorKind::conflict, false},
        {400, "InvalidArgument", "memorySize should be a multiple of 64", ErrorKind::invalid_input, false},
        {400, "EntityTooLarge", "payload size exceeds maximum allowed size (104857600 bytes)",
         ErrorKind::limit_exceeded, false},
        {400, "LimitExceededError", "x", ErrorKind::limit_exceeded, false},
        {403, "AccessDenied", "the caller is not authorized", ErrorKind::forbidden, false},
        {403, "NoPermission", "You are not authorized to do this action.", ErrorKind::forbidden, false},
        {403, "SignatureNotMatch", "x", ErrorKind::unauthenticated, false},
        {400, "IncompleteSignature", "x", ErrorKind::unauthenticated, false},
        {403, "InvalidAccessKeyID", "invalid access key ID 'x'", ErrorKind::unauthenticated, false},
        {404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.", ErrorKind::unauthenticated,
         false},
        {400, "InvalidSecurityToken.Expired", "x", ErrorKind::unauthenticated, false},
        {400, "InvalidTimeStamp.Expired", "x", ErrorKind::unauthenticated, false},
        {429, "ResourceThrottled", "x", ErrorKind::throttled, true},
        {429, "", "", ErrorKind::throttled, true},
        {400, "Throttling.User", "Request was denied due to user flow control.", ErrorKind::throttled, true},
        {503, "ResourceExhausted", "x", ErrorKind::throttled, true},
        {500, "InternalServerError", "x", ErrorKind::unavailable, true},
        {503, "", "<html>", ErrorKind::unavailable, true},
        {501, "NotImplemented", "x", ErrorKind::invalid_input, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code);
        CAPTURE(row.status);
        const ApiError error{row.status, row.code, row.message, "", std::nullopt};
        CHECK(alibaba::to_error(error, {"fc:X", "cn-hangzhou", "environment"}).kind() == row.kind);
        CHECK(alibaba::is_retryable(error) == row.retry);
    }
}

TEST_CASE("errors: the forms of the services") {
    const auto fc = alibaba::read_error(reply(
        404, R"({"RequestId":"1-6","Code":"FunctionNotFound","Message":"function 'x' does not exist"})"));
    CHECK(fc.code == "FunctionNotFound");
    CHECK(fc.message == "function 'x' does not exist");
    CHECK(fc.request_id == "1-6");
    CHECK(alibaba::read_error(reply(400, R"({"code":"X","message":"y","requestId":"z"})")).code == "X");
    const auto oss = alibaba::read_error(
        reply(404, "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>none</Message></Error>"));
    CHECK(oss.code == "NoSuchBucket");
    CHECK(oss.message == "none");
    CHECK(alibaba::read_error(reply(404, R"({"errorCode":"ProjectNotExist","errorMessage":"m"})")).code ==
          "ProjectNotExist");
    const auto proxy = alibaba::read_error(reply(502, "Bad gateway of a proxy"));
    CHECK(proxy.code.empty());
    CHECK(proxy.message == "Bad gateway of a proxy");
    CHECK(alibaba::read_error(reply(502, "<html>")).message == "<html>");
    CHECK(alibaba::read_error(reply(500, "")).message.empty());
    CHECK(*alibaba::read_error(reply(429, "{}", {{"x-acs-retry-after", "1500"}})).retry_after ==
          Milliseconds(1500));
    CHECK_FALSE(alibaba::read_error(reply(429, "{}", {{"x-acs-retry-after", "-1"}})).retry_after);
    CHECK(alibaba::read_error(reply(400, std::string(5000, 'x'))).message.size() < 1000);
}

TEST_CASE("errors: throttling is repeated after the time that the answer names") {
    alibaba_test::World world;
    HttpResponse busy = alibaba_test::error(429, "Throttling.User", "flow control");
    busy.headers.set("x-acs-retry-after", "7000");
    world.host.http.once("POST */functions", busy);
    CHECK(world.deploy().action == DeployAction::created);
    const auto retries = world.host.observer.all<RetryScheduled>();
    REQUIRE(retries.size() == 1);
    CHECK(retries[0].delay >= Milliseconds(7000));
    CHECK(world.writes() == Names{"fc:CreateFunction", "fc:CreateFunction", "fc:CreateTrigger"});
}

TEST_CASE("errors: 500 and a lost answer are repeated and then told") {
    alibaba_test::World world;
    world.host.http.once("GET */functions/gate-thumbnail",
                         alibaba_test::error(500, "InternalServerError", "x"));
    world.host.http.once("POST */functions", [](const HttpRequest&) -> HttpResponse {
        throw Error(ErrorKind::unavailable, "the connection was lost");
    });
    CHECK(world.deploy().action == DeployAction::created);
    world.host.http.on("* https://fcv3.*", alibaba_test::error(500, "InternalServerError", "x"));
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::unavailable);
    CHECK(failure.provider_code() == "InternalServerError");
}

TEST_CASE("errors: a request whose copy has arrived is signed anew and a call of the function is not") {
    alibaba_test::World world;
    world.host.http.once("GET */functions/gate-thumbnail",
                         alibaba_test::error(400, "SignatureNonceUsed", "used already"));
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(world.host.observer.all<RetryScheduled>().empty());
    world.host.http.on("POST */invocations", alibaba_test::error(400, "SignatureNonceUsed", "used already"));
    StageContext context = world.host.context();
    const InvokeRequest request{made, json::value(1), false, false, world.settings};
    try {
        world.host.run(world.provider().tester().invoke(request, context));
        FAIL("it was answered");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::unavailable);
    }
    CHECK(world.host.http.count("POST */invocations") == 1);
}

TEST_CASE("errors: a wrong clock is corrected once from the answer") {
    alibaba_test::World world;
    const SystemTime real = world.host.clock.system_now() + std::chrono::hours(1);
    int refused = 0;
    world.host.http.on("* https://sts.*", [&](const HttpRequest& request) {
        if (request.headers.get("x-acs-date") != to_iso8601(real)) {
            ++refused;
            HttpResponse answer = alibaba_test::error(400, "InvalidTimeStamp.Expired", "expired");
            answer.headers.set("Date", to_http_date(real));
            return answer;
        }
        return reply(200, R"({"AccountId":"1234567890123456","Arn":"a"})");
    });
    world.deploy();
    CHECK(refused == 1);
    CHECK(world.host.observer.all<RetryScheduled>().empty());
}

TEST_CASE("errors: every request has a nonce of its own and says whom it is for") {
    // Another run, whose Random is seeded alike, must not repeat them.
    alibaba_test::World world, other;
    world.deploy();
    other.deploy();
    std::set<std::string> nonces;
    for (const HttpRequest& request : other.host.http.requests())
        nonces.insert(request.headers.get("x-acs-signature-nonce"));
    for (const HttpRequest& request : world.host.http.requests()) {
        nonces.insert(request.headers.get("x-acs-signature-nonce"));
        CHECK(request.headers.get("x-acs-version") ==
              (request.url.host.starts_with("sts.") ? "2015-04-01" : "2023-03-30"));
        CHECK_FALSE(request.headers.has("x-acs-region-id")); // real endpoints name the region
        CHECK(request.headers.get("x-acs-action") ==
              request.operation.substr(request.operation.find(':') + 1));
    }
    CHECK(nonces.size() == world.host.http.requests().size() + other.host.http.requests().size());
}

TEST_CASE("errors: secrets are in no error and no log") {
    alibaba_test::World world;
    world.secrets.emplace("TOKEN", Secret("secret-token-value"));
    world.host.http.on("POST */functions", [](const HttpRequest& request) {
        return alibaba_test::error(400, "InvalidArgument",
                                   "what was sent: " + std::string(request.body.view()));
    });
    const Error failure = world.deploy_error();
    CHECK(std::string(failure.what()).find("secret-token-value") == std::string::npos);
    CHECK(world.host.log.text().find("secret-token-value") == std::string::npos);
    CHECK(world.host.log.text().find("example-secret-of-the-test") == std::string::npos);
}

TEST_CASE("account: keys of another account than the project's are refused") {
    alibaba_test::World world;
    world.settings["account_id"] = "999";
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::forbidden);
    CHECK(failure.message().find("1234567890123456") != std::string::npos);
    CHECK(world.writes().empty());
    world.settings["account_id"] = "1234567890123456";
    CHECK(world.deploy().action == DeployAction::created);
}
