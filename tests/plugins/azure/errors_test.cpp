// SPDX-License-Identifier: Apache-2.0
#include "plugins/azure/world.hpp"

#include "errors.hpp"
#include "operations.hpp"
#include "pyfops_azure/sas.hpp"
#include "storage.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::azure;
using testing::reply;

namespace {

const CallNote note{"web:PutSite", "westeurope", "environment", "sub-1"};

Error translated(int status, const std::string& body) {
    return azure::to_error(read_error(reply(status, body)), note);
}

std::string web_shape(const std::string& code, const std::string& message) {
    return json::serialize(json::object{
        {"Code", code},
        {"Message", message},
        {"Target", nullptr},
        {"Details",
         {json::object{{"Message", message}}, json::object{{"Code", code}},
          json::object{{"ErrorEntity", {{"ExtendedCode", "1"}, {"Code", code}, {"Message", message}}}}}},
        {"Innererror", nullptr}});
}

} // namespace

TEST_CASE("azure errors: both shapes and plain text are read") {
    const ApiError manager = read_error(azure_test::error(404, "ResourceNotFound", "not there"));
    CHECK(manager.code == "ResourceNotFound");
    CHECK(manager.message == "not there");
    const ApiError web =
        read_error(reply(409, web_shape("Conflict", "Website with given name X already exists.")));
    CHECK(web.code == "Conflict");
    CHECK(web.message == "Website with given name X already exists.");
    CHECK(read_error(reply(503, "The service is unavailable.")).message == "The service is unavailable.");
    const ApiError nested = read_error(reply(
        400,
        R"({"error":{"code":"A","message":"outer","details":[{"code":"B","message":"inner reason"}]}})"));
    CHECK(nested.message == "outer: inner reason");
    CHECK(read_error(reply(500, "{broken")).message == "{broken");
    CHECK(read_error(reply(500, "")).message.empty());
}

TEST_CASE("azure errors: the kinds") {
    const auto kind = [](int status, const char* code, const char* message = "x") {
        return translated(status,
                          json::serialize(json::object{{"error", {{"code", code}, {"message", message}}}}))
            .kind();
    };
    CHECK(kind(401, "InvalidAuthenticationToken") == ErrorKind::unauthenticated);
    CHECK(kind(401, "ExpiredAuthenticationToken") == ErrorKind::unauthenticated);
    CHECK(kind(403, "AuthorizationFailed") == ErrorKind::forbidden);
    CHECK(kind(403, "RequestDisallowedByPolicy") == ErrorKind::forbidden);
    CHECK(kind(404, "ResourceNotFound") == ErrorKind::not_found);
    CHECK(kind(404, "SubscriptionNotFound") == ErrorKind::unauthenticated); // never "absent"
    CHECK(kind(409, "Conflict") == ErrorKind::conflict);
    CHECK(kind(409, "MissingSubscriptionRegistration") == ErrorKind::forbidden);
    CHECK(kind(429, "TooManyRequests") == ErrorKind::throttled);
    CHECK(kind(503, "ServiceUnavailable") == ErrorKind::unavailable);
    CHECK(kind(400, "BadRequest") == ErrorKind::invalid_input);
    CHECK(kind(401, "Unauthorized", "This region has quota of 0 instances for your subscription.") ==
          ErrorKind::limit_exceeded);
    CHECK(kind(413, "RequestEntityTooLarge") == ErrorKind::limit_exceeded);
}

TEST_CASE("azure errors: a missing right is named") {
    const Error failure = translated(
        403,
        R"({"error":{"code":"AuthorizationFailed","message":"The client 'c' with object id 'o' does not have )"
        R"(authorization to perform action 'Microsoft.Web/sites/write' over scope '/subscriptions/s' or the scope )"
        R"(is invalid."}})");
    CHECK(failure.message().find("Microsoft.Web/sites/write") != std::string::npos);
    CHECK(failure.hint().find("/subscriptions/s") != std::string::npos);
}

TEST_CASE("azure errors: what is worth repeating") {
    const auto retry = [](int status, const std::string& body) {
        return is_retryable(read_error(reply(status, body)));
    };
    for (const int status : {408, 429, 500, 502, 503, 504})
        CHECK_MESSAGE(retry(status, ""), status);
    CHECK_FALSE(retry(400, ""));
    CHECK_FALSE(retry(404, ""));
    CHECK(retry(409,
                web_shape("Conflict", "Cannot modify this site because another operation is in progress.")));
    CHECK_FALSE(retry(409, web_shape("Conflict", "Website with given name X already exists.")));
    CHECK_FALSE(retry(500, web_shape("QuotaExceeded", "no more")));
    CHECK(is_name_taken(translated(409, web_shape("Conflict", "Website with given name X already exists."))));
    CHECK_FALSE(is_name_taken(translated(409, web_shape("Conflict", "Something else."))));
}

TEST_CASE("azure errors: 429 with Retry-After is waited for and given up with a sentence") {
    azure_test::World world;
    world.deploy();
    const auto limited =
        reply(429, R"({"error":{"code":"TooManyRequests","message":"slow down"}})", {{"Retry-After", "7"}});
    world.host.http.once("GET */sites/*", limited);
    CHECK(world.find());
    bool waited = false;
    for (const Milliseconds pause : world.host.clock.sleeps())
        waited = waited || pause >= Milliseconds(7000);
    CHECK(waited);
    world.host.http.on("GET */sites/*", limited);
    CHECK_THROWS_WITH_AS(world.find(), doctest::Contains("asked too often"), Error);
}

TEST_CASE("azure errors: a lost connection is repeated") {
    azure_test::World world;
    world.deploy();
    world.host.http.once("GET */sites/*", [](const HttpRequest&) -> HttpResponse {
        throw Error(ErrorKind::unavailable, "the connection was lost");
    });
    CHECK(world.find());
}

TEST_CASE("azure operations: where the end is told") {
    const auto follow = [](const std::string& method, const HttpResponse& answer) {
        return follow_of(method, answer, answer.body.empty() ? json::value() : parse_json(answer.body, "it"));
    };
    using Where = Follow::Where;
    CHECK(follow("PUT", reply(200, R"({"properties":{"provisioningState":"Succeeded"}})")).where ==
          Where::nowhere);
    CHECK(follow("PUT", reply(200, R"({"properties":{"provisioningState":"Creating"}})")).where ==
          Where::resource);
    CHECK(follow("PUT", reply(201, "{}", {{"Azure-AsyncOperation", "https://a"}, {"Location", "https://b"}}))
              .url == "https://a");
    CHECK(follow("DELETE", reply(202, "", {{"Location", "https://b"}})).where == Where::location);
    CHECK(follow("PUT", reply(201, "{}", {{"Location", "https://b"}})).where == Where::nowhere);
    CHECK(follow("DELETE", reply(204)).where == Where::nowhere);
    CHECK(progress_of("SUCCEEDED") == Progress::succeeded);
    CHECK(progress_of("Failed") == Progress::failed);
    CHECK(progress_of("Canceled") == Progress::failed);
    CHECK(progress_of("ResolvingDNS") == Progress::running);
    CHECK(progress_of("") == Progress::succeeded);
    CHECK(state_of(Where::location, reply(202), {}) == "InProgress");
    CHECK(state_of(Where::location, reply(204), {}) == "Succeeded");
}

TEST_CASE("azure signature: as azure-storage-blob 12 signs a blob") {
    // generate_blob_sas(account_name="account", container_name="container", blob_name="a b.zip",
    // account_key=..., permission="r", expiry=2036-11-20T00:00:00Z, protocol="https", version 2021-08-06)
    BlobSignature signature{"r", "2036-11-20T00:00:00Z", "/blob/account/container/a b.zip"};
    CHECK(sign_blob(signature, Secret("c2VjcmV0LWtleQ==")) == "MSBdbb7yDJf4JgGOM0px1Wepk3gGAxmzEjCO/dAJzHg=");
    CHECK_THROWS_AS(sign_blob(signature, Secret("not base64!")), Error);
}
