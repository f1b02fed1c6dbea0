// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"
#include "plugins/google/world.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using google::CallNote;
using google_test::error;
using google_test::World;

namespace {

const CallNote note{"cloudfunctions:CreateFunction", "europe-west1", "proj-1",
                    "GOOGLE_APPLICATION_CREDENTIALS", "me@proj-1.iam.gserviceaccount.com"};

Error translate(const HttpResponse& response) {
    return google::to_error(google::read_error(response), note);
}

json::array info(const std::string& reason, const std::string& service = {},
                 const std::string& permission = {}) {
    json::object metadata{{"service", service}, {"permission", permission}};
    return {json::object{
        {"@type", "type.googleapis.com/google.rpc.ErrorInfo"}, {"reason", reason}, {"metadata", metadata}}};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("errors: each code has a kind") {
    const std::tuple<int, const char*, ErrorKind, bool> rows[] = {
        {400, "INVALID_ARGUMENT", ErrorKind::invalid_input, false},
        {400, "FAILED_PRECONDITION", ErrorKind::invalid_input, false},
        {401, "UNAUTHENTICATED", ErrorKind::unauthenticated, false},
        {403, "PERMISSION_DENIED", ErrorKind::forbidden, false},
        {404, "NOT_FOUND", ErrorKind::not_found, false},
        {409, "ALREADY_EXISTS", ErrorKind::conflict, false},
        {409, "ABORTED", ErrorKind::conflict, false},
        {429, "RESOURCE_EXHAUSTED", ErrorKind::throttled, true},
        {499, "CANCELLED", ErrorKind::conflict, false},
        {500, "INTERNAL", ErrorKind::unavailable, true},
        {503, "UNAVAILABLE", ErrorKind::unavailable, true},
        {504, "DEADLINE_EXCEEDED", ErrorKind::unavailable, true},
        {501, "UNIMPLEMENTED", ErrorKind::invalid_input, false}};
    for (const auto& [status, code, kind, retry] : rows) {
        CAPTURE(code);
        const auto read = google::read_error(error(status, code, "words of Google"));
        const Error made = google::to_error(read, note);
        CHECK(made.kind() == kind);
        CHECK(google::is_retryable(read) == retry);
        CHECK(made.provider_code() == code);
        CHECK(made.provider_message() == "words of Google");
        CHECK(*made.http_status() == status);
    }
}

TEST_CASE("errors: an operation's status means the same") {
    const std::pair<int, ErrorKind> rows[] = {
        {3, ErrorKind::invalid_input}, {5, ErrorKind::not_found},        {6, ErrorKind::conflict},
        {7, ErrorKind::forbidden},     {8, ErrorKind::throttled},        {13, ErrorKind::unavailable},
        {14, ErrorKind::unavailable},  {16, ErrorKind::unauthenticated}, {99, ErrorKind::unavailable}};
    for (const auto& [code, kind] : rows) {
        CAPTURE(code);
        const json::object status{{"code", code}, {"message", "m"}};
        CHECK(google::to_error(google::read_status(status), note).kind() == kind);
    }
    CHECK(google::already_exists(google::to_error(google::read_status(json::object{{"code", 6}}), note)));
    CHECK_FALSE(google::is_busy(google::to_error(google::read_status(json::object{{"code", 6}}), note)));
    CHECK(google::is_busy(google::to_error(google::read_status(json::object{{"code", 10}}), note)));
}

TEST_CASE("errors: a disabled API says what to enable") {
    const Error made =
        translate(error(403, "PERMISSION_DENIED", "Cloud Run Admin API has not been used in project 1 before",
                        info("SERVICE_DISABLED", "run.googleapis.com")));
    CHECK(made.kind() == ErrorKind::forbidden);
    CHECK(made.message() == "the API run.googleapis.com is not enabled in project proj-1");
    CHECK(contains(made.hint(), "gcloud services enable cloudfunctions.googleapis.com run.googleapis.com"));
    CHECK(contains(made.hint(), "--project proj-1"));
}

TEST_CASE("errors: a refusal names the right that is missing and who lacks it") {
    CHECK(contains(translate(error(403, "PERMISSION_DENIED",
                                   "Permission 'cloudfunctions.functions.create' denied on resource 'x'"))
                       .hint(),
                   "grant cloudfunctions.functions.create to me@proj-1"));
    CHECK(contains(translate(error(403, "PERMISSION_DENIED", "no",
                                   info("IAM_PERMISSION_DENIED", "", "run.services.setIamPolicy")))
                       .message(),
                   "run.services.setIamPolicy in europe-west1"));
    CHECK(contains(translate(error(403, "PERMISSION_DENIED",
                                   "Caller is missing permission "
                                   "'iam.serviceaccounts.actAs' on service account"))
                       .hint(),
                   "roles/iam.serviceAccountUser"));
    CHECK(contains(translate(error(403, "PERMISSION_DENIED", "x", info("CONSUMER_INVALID"))).hint(),
                   "providers.google.project"));
    CHECK(contains(translate(error(403, "PERMISSION_DENIED", "x", info("BILLING_DISABLED"))).message(),
                   "billing"));
}

TEST_CASE("errors: a rate passes and a quota does not") {
    const auto rate = google::read_error(error(429, "RESOURCE_EXHAUSTED",
                                               "Quota exceeded for quota metric 'Write requests'",
                                               info("RATE_LIMIT_EXCEEDED")));
    CHECK(google::is_throttling(rate));
    const auto quota = google::read_error(
        error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for total allowable CPU per project per region."));
    CHECK_FALSE(google::is_retryable(quota));
    CHECK(google::to_error(quota, note).kind() == ErrorKind::limit_exceeded);
    const auto status = google::read_status(json::object{
        {"code", 8},
        {"message", "m"},
        {"details", json::array{json::object{{"@type", "type.googleapis.com/google.rpc.QuotaFailure"}}}}});
    CHECK_FALSE(google::is_throttling(status));
    CHECK(translate(error(400, "INVALID_ARGUMENT", "maxScale may not exceed 20")).kind() ==
          ErrorKind::limit_exceeded);
}

TEST_CASE("errors: how long to wait is read from RetryInfo") {
    const auto delay = [](const std::string& text) {
        return google::read_error(error(429, "RESOURCE_EXHAUSTED", "m",
                                        {json::object{{"@type", "type.googleapis.com/google.rpc.RetryInfo"},
                                                      {"retryDelay", text}}}))
            .retry_after;
    };
    CHECK(delay("7s") == Milliseconds(7000));
    CHECK(delay("0.2501s") == Milliseconds(251));
    CHECK_FALSE(delay("soon"));
    CHECK_FALSE(delay("-1s"));

    World world;
    world.host.http.once(
        "GET https://cloudfunctions.googleapis.com/*",
        error(429, "RESOURCE_EXHAUSTED", "m",
              {json::object{{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "30s"}}}));
    const auto before = world.host.clock.steady_now();
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.host.clock.steady_now() - before >= std::chrono::seconds(30));
}

TEST_CASE("errors: other forms and what is no answer of Google's") {
    const auto oauth =
        google::read_error(testing::reply(400, R"({"error":"invalid_grant","error_description":"gone"})"));
    CHECK(oauth.code == "invalid_grant");
    CHECK(oauth.message == "gone");
    const auto storage = google::read_error(testing::reply(
        403, "<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>"));
    CHECK(storage.code == "SignatureDoesNotMatch");
    CHECK(storage.message == "no");
    const auto proxy = google::read_error(testing::reply(502, "<html>Bad Gateway</html>"));
    CHECK(proxy.code.empty());
    CHECK(google::is_retryable(proxy));
    CHECK(google::read_error(testing::reply(500, "{\"error\":")).status == 500);
    const Secret secret("very-secret-token");
    CHECK_FALSE(contains(translate(error(400, "INVALID_ARGUMENT", "got very-secret-token here")).what(),
                         "very-secret-token"));
    CHECK(google::read_error(error(400, "INVALID_ARGUMENT", std::string(5000, 'x'))).message.size() < 1000);
}

TEST_CASE("errors: server failures and lost connections are repeated") {
    World world;
    world.host.http.once("GET https://cloudfunctions.googleapis.com/*", error(503, "UNAVAILABLE", "m"));
    world.host.http.once("POST *:generateUploadUrl", [](const HttpRequest&) -> HttpResponse {
        throw Error(ErrorKind::unavailable, "the connection was lost");
    });
    world.host.http.once("GET */operations/*", error(500, "INTERNAL", "m"));
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.host.http.pending() == 0);
}
