// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"
#include "plugins/aws/world.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using aws::ApiError;

namespace {

struct Row {
    int status;
    const char* code;
    const char* message;
    ErrorKind kind;
    bool retry;
};

} // namespace

TEST_CASE("errors: code and text give kind and whether it is worth repeating") {
    const Row rows[] = {
        {404, "ResourceNotFoundException", "Function not found: arn", ErrorKind::not_found, false},
        {409, "ResourceConflictException", "Function already exist: x", ErrorKind::conflict, false},
        {400, "InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes",
         ErrorKind::invalid_input, false},
        {400, "ValidationException", "1 validation error detected", ErrorKind::invalid_input, false},
        {413, "RequestEntityTooLargeException", "Request must be smaller than 70167211 bytes",
         ErrorKind::limit_exceeded, false},
        {429, "TooManyRequestsException", "Rate exceeded", ErrorKind::throttled, true},
        {400, "ThrottlingException", "Rate exceeded", ErrorKind::throttled, true},
        {503, "SlowDown", "Please reduce your request rate.", ErrorKind::throttled, true},
        {412, "PreconditionFailedException", "The RevisionId provided does not match", ErrorKind::conflict,
         false},
        {400, "CodeStorageExceededException", "Code storage limit exceeded.", ErrorKind::limit_exceeded,
         false},
        {500, "ServiceException", "internal", ErrorKind::unavailable, true},
        {502, "EC2ThrottledException", "throttled", ErrorKind::throttled, true},
        {502, "InvalidZipFileException", "cannot unzip", ErrorKind::invalid_input, false},
        {502, "ENINotReadyException", "not ready", ErrorKind::unavailable, true},
        {503, "", "<html>", ErrorKind::unavailable, true},
        {403, "ExpiredTokenException", "The security token included in the request is expired",
         ErrorKind::unauthenticated, false},
        {403, "ExpiredToken", "expired", ErrorKind::unauthenticated, false},
        {403, "UnrecognizedClientException", "The security token included in the request is invalid.",
         ErrorKind::unauthenticated, false},
        {403, "InvalidAccessKeyId", "does not exist in our records", ErrorKind::unauthenticated, false},
        {403, "SignatureDoesNotMatch", "The request signature we calculated does not match",
         ErrorKind::unauthenticated, false},
        {403, "AccessDeniedException",
         "User: arn is not authorized to perform: lambda:CreateFunction on resource: x", ErrorKind::forbidden,
         false},
        {409, "EntityAlreadyExists", "Role with name x already exists.", ErrorKind::conflict, false},
        {404, "NoSuchEntity", "The role with name x cannot be found.", ErrorKind::not_found, false},
        {400, "LimitExceededException", "x", ErrorKind::throttled, true},
        {409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", ErrorKind::limit_exceeded,
         false},
        {400, "InvalidParameterValueException",
         "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008",
         ErrorKind::limit_exceeded, false},
        {400, "IDPCommunicationError", "x", ErrorKind::unavailable, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code);
        CAPTURE(row.message);
        ApiError error;
        error.status = row.status;
        error.code = row.code;
        error.message = row.message;
        CHECK(aws::to_error(error, {"lambda:X", "eu-central-1", false, ""}).kind() == row.kind);
        CHECK(aws::is_retryable(error) == row.retry);
    }
}

TEST_CASE("errors: the forms of the services are read") {
    const ApiError rest =
        aws::read_error(testing::reply(404, R"({"Type":"User","Message":"gone"})",
                                       {{"x-amzn-ErrorType", "ResourceNotFoundException:http://x/"}}));
    CHECK(rest.code == "ResourceNotFoundException");
    CHECK(rest.message == "gone");
    const ApiError json11 = aws::read_error(
        testing::reply(400, R"({"__type":"com.amazonaws.logs#ThrottlingException","message":"m"})"));
    CHECK(json11.code == "ThrottlingException");
    const ApiError query = aws::read_error(testing::reply(
        409,
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
        "<Code>EntityAlreadyExists</Code><Message>Role &lt;x&gt; exists</Message></Error></ErrorResponse>"));
    CHECK(query.code == "EntityAlreadyExists");
    CHECK(query.message == "Role <x> exists");
    const ApiError s3 = aws::read_error(testing::reply(
        403, "<?xml version=\"1.0\" "
             "encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>no</Message></Error>"));
    CHECK(s3.code == "AccessDenied");
    for (const char* strange :
         {"", "<", "{", "<html><body>502</body></html>", "{\"a\":", "plain text", "[]"}) {
        const ApiError error = aws::read_error(testing::reply(502, strange));
        CHECK(error.code.empty());
        CHECK(aws::to_error(error, {}).kind() == ErrorKind::unavailable);
    }
    const ApiError late = aws::read_error(testing::reply(429, "{}", {{"x-amz-retry-after", "1500"}}));
    CHECK(late.retry_after == Milliseconds(1500));
}

TEST_CASE("errors: what is missing is named") {
    ApiError error;
    error.status = 403;
    error.code = "AccessDeniedException";
    error.message = "User: arn:aws:iam::1:user/u is not authorized to perform: iam:PassRole on resource: "
                    "arn:aws:iam::1:role/r because no identity-based policy allows the iam:PassRole action";
    const Error denied =
        aws::to_error(error, {"lambda:CreateFunction", "eu-central-1", false, "environment"});
    CHECK(denied.message() == "AWS does not allow iam:PassRole in eu-central-1");
    CHECK(denied.hint().find("allow iam:PassRole on arn:aws:iam::1:role/r") == 0);
    CHECK(denied.hint().find("environment") != std::string::npos);

    error.code = "UnrecognizedClientException";
    error.message = "The security token included in the request is invalid.";
    const Error off = aws::to_error(error, {"lambda:GetFunction", "af-south-1", true, "environment"});
    CHECK(off.hint().find("enable region af-south-1") == 0);
    const Error key = aws::to_error(error, {"lambda:GetFunction", "eu-central-1", false, "profile work"});
    CHECK(key.hint().find("check the access key (from profile work)") == 0);
}

TEST_CASE("errors: a secret in a long message is hidden before the message is cut") {
    const Secret secret(std::string(200, 's'));
    const std::string text = std::string(500, '.') + secret.expose();
    const ApiError error = aws::read_error(testing::reply(400, R"({"Message":")" + text + R"("})"));
    CHECK(error.message.find("sss") == std::string::npos);
}

TEST_CASE("errors: 429 is repeated after what Retry-After says") {
    aws_test::World world;
    world.host.http.once(
        "GET *gate-thumbnail",
        testing::reply(429, R"({"Reason":"CallerRateLimitExceeded"})",
                       {{"x-amzn-ErrorType", "TooManyRequestsException"}, {"Retry-After", "7"}}));
    CHECK(world.deploy().action == DeployAction::created);
    const auto retries = world.host.observer.all<RetryScheduled>();
    REQUIRE(retries.size() == 1);
    CHECK(retries[0].delay >= std::chrono::seconds(7));
}

TEST_CASE("errors: 500 is repeated and given up after some attempts") {
    aws_test::World world;
    world.host.http.on("GET *gate-thumbnail", aws_test::error(500, "ServiceException", "again"));
    CHECK(world.deploy_error().kind() == ErrorKind::unavailable);
    CHECK(world.host.http.count("GET *gate-thumbnail") == 5);
    CHECK(world.writes().empty());
}

TEST_CASE("errors: an invocation that was lost is not repeated") {
    aws_test::World world;
    const Deployment made = world.deploy();
    world.host.http.on("POST */invocations", [](const HttpRequest&) -> HttpResponse {
        throw Error(ErrorKind::unavailable, "the connection was lost");
    });
    StageContext context = world.host.context();
    const InvokeRequest request{made, 1, false, false, world.settings};
    CHECK_THROWS_AS(world.host.run(world.provider.tester().invoke(request, context)), Error);
    CHECK(world.host.http.count("POST */invocations") == 1);
}

TEST_CASE("errors: a wrong clock is corrected once by the Date header") {
    aws_test::World world;
    world.host.clock.set_system_time(from_iso8601("2026-11-23T10:00:00Z"));
    const auto real = [&world] { return world.host.clock.system_now() + std::chrono::hours(2); };
    int refused = 0;
    const auto strict = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
        const std::string sent = request.headers.get("X-Amz-Date");
        const auto when = from_iso8601(sent.substr(0, 4) + "-" + sent.substr(4, 2) + "-" + sent.substr(6, 5) +
                                       ":" + sent.substr(11, 2) + ":" + sent.substr(13));
        if (real() - when < std::chrono::minutes(5)) return std::nullopt;
        ++refused;
        return testing::reply(
            403,
            "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: "
            "20261123T100000Z is now earlier than 20261123T115500Z (20261123T120000Z - 5 min.)"
            "</Message></Error></ErrorResponse>",
            {{"Date", to_http_date(real())}});
    };
    const std::string identity =
        "<R><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></R>";
    world.host.http.on("* https://sts.*", [&](const HttpRequest& request) {
        const auto no = strict(request);
        return no ? *no : testing::reply(200, identity);
    });
    StageContext context = world.host.context();
    CHECK(world.host.run(world.provider.account(world.settings, "eu-central-1", context)).id == "1");
    CHECK(refused == 1);
    CHECK(world.host.clock.sleeps().empty());
    SUBCASE("but a signature that stays wrong is an error") {
        aws_test::World other;
        other.host.http.on("* https://sts.*", [&](const HttpRequest&) {
            return testing::reply(
                403,
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>The request "
                "signature we calculated does not match</Message></Error></ErrorResponse>",
                {{"Date", to_http_date(other.host.clock.system_now())}});
        });
        CHECK(other.deploy_error().kind() == ErrorKind::unauthenticated);
        CHECK(other.host.http.count("* https://sts.*") == 1);
    }
}
