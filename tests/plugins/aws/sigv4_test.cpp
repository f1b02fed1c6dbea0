// SPDX-License-Identifier: Apache-2.0
#include "plugins/aws/vectors.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops_aws/sigv4.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <filesystem>
#include <iostream>

namespace fs = std::filesystem;
using namespace pyfops;
using aws_vectors::slurp;

namespace {

const fs::path suites = fs::path(PYFOPS_REFERENCE_DIR) / "specs/aws";
const fs::path c_auth = suites / "aws-c-auth-signing-test-suite/v4";
const fs::path botocore = suites / "botocore-aws4_testsuite";

bool missing(const fs::path& path) {
    if (fs::exists(path)) return false;
    std::cout << "SKIPPED: no reference material\n";
    return true;
}

struct Case {
    aws::SigningKey key;
    aws::Signing signing;
    int expires = 0;
    bool sign_body = false;
};

Case read_context(const fs::path& folder) {
    const json::value context = parse_json(slurp(folder / "context.json"), "context.json");
    Case one;
    const json::value* credentials = find(context, "credentials");
    one.key.access_key_id = string_or(*credentials, "access_key_id");
    one.key.secret_key = Secret(string_or(*credentials, "secret_access_key"));
    one.key.session_token = Secret(string_or(*credentials, "token"));
    one.signing.region = string_or(context, "region");
    one.signing.service = string_or(context, "service");
    one.signing.time = from_iso8601(string_or(context, "timestamp"));
    one.signing.rule =
        find(context, "normalize")->as_bool() ? aws::PathRule::normalised : aws::PathRule::unnormalised;
    const json::value* omit = find(context, "omit_session_token");
    one.signing.token_after = omit && omit->as_bool();
    one.sign_body = find(context, "sign_body")->as_bool();
    one.signing.content_hash_header = one.sign_body;
    one.expires = static_cast<int>(integer_or(context, "expiration_in_seconds"));
    return one;
}

std::string signature_of(const std::string& authorization) {
    return authorization.substr(authorization.rfind('=') + 1);
}

} // namespace

TEST_CASE("SigV4: every header case of the aws-c-auth suite") {
    if (missing(c_auth)) return;
    int cases = 0;
    for (const auto& entry : fs::directory_iterator(c_auth)) {
        CAPTURE(entry.path().filename().string());
        Case one = read_context(entry.path());
        HttpRequest request = aws_vectors::parse(slurp(entry.path() / "request.txt"));
        aws::sign(request, one.key, one.signing);
        CHECK(signature_of(request.headers.get("Authorization")) ==
              slurp(entry.path() / "header-signature.txt"));
        // The verifying side comes to the same from what is on the wire.
        if (one.signing.rule == aws::PathRule::normalised) {
            const auto claim = aws::read_claim(request.url.query(), request.headers);
            REQUIRE(claim);
            CHECK(aws::expected_signature(*claim, one.key.secret_key.expose(), request.method,
                                          request.url.path(), request.url.query(), request.headers,
                                          sha256_hex(request.body.view())) == claim->signature);
        }
        ++cases;
    }
    CHECK(cases == 38);
}

TEST_CASE("SigV4: every query case of the aws-c-auth suite") {
    if (missing(c_auth)) return;
    int cases = 0;
    for (const auto& entry : fs::directory_iterator(c_auth)) {
        CAPTURE(entry.path().filename().string());
        Case one = read_context(entry.path());
        HttpRequest request = aws_vectors::parse(slurp(entry.path() / "request.txt"));
        aws::presign(request, one.key, one.signing, one.expires);
        CHECK(signature_of(request.url.target) == slurp(entry.path() / "query-signature.txt"));
        const std::string line = slurp(entry.path() / "query-signed-request.txt");
        CHECK(request.method + " " + request.url.target + " HTTP/1.1" == line.substr(0, line.find('\n')));
        ++cases;
    }
    CHECK(cases == 38);
}

TEST_CASE("SigV4: canonical requests and strings to sign of the botocore suite") {
    if (missing(botocore)) return;
    int cases = 0;
    for (const auto& entry : fs::recursive_directory_iterator(botocore)) {
        if (entry.path().extension() != ".authz") continue;
        CAPTURE(entry.path().filename().string());
        fs::path base = entry.path();
        const auto with = [&base](const char* extension) {
            return slurp(fs::path(base).replace_extension(extension));
        };
        HttpRequest request = aws_vectors::parse(with(".req"));
        if (base.stem() == "get-vanilla-with-session-token") // there the signer adds it, not the request
            request.headers.add("X-Amz-Security-Token",
                                "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267");
        const auto names = aws::signed_header_names(request.headers);
        const aws::Scope scope{"20150830", "us-east-1", "service"};
        const std::string canonical =
            aws::canonical_request({request.method, request.url.path(), request.url.query(), request.headers,
                                    names, sha256_hex(request.body.view())});
        CHECK(canonical == with(".creq"));
        const std::string text = aws::string_to_sign("20150830T123600Z", scope, canonical);
        CHECK(text == with(".sts"));
        CHECK(aws::signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope, text) ==
              signature_of(with(".authz")));
        ++cases;
    }
    CHECK(cases >= 28);
}

namespace {

aws::SigningKey example_key() {
    return {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {}};
}

aws::Signing example_signing(std::string service = "service") {
    aws::Signing signing;
    signing.region = "us-east-1";
    signing.service = std::move(service);
    signing.time = from_iso8601("2015-08-30T12:36:00Z");
    return signing;
}

std::string sign_get(const std::string& url, aws::Signing signing) {
    HttpRequest request;
    request.url = Url::parse(url);
    aws::sign(request, example_key(), signing);
    return signature_of(request.headers.get("Authorization"));
}

} // namespace

// Published examples, written down so that the proof exists without the suites.
TEST_CASE("SigV4: published examples") {
    CHECK(sign_get("https://example.amazonaws.com/", example_signing()) ==
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    HttpRequest list_users;
    list_users.url = Url::parse("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08");
    list_users.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    aws::sign(list_users, example_key(), example_signing("iam"));
    CHECK(list_users.headers.get("Authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-date, "
          "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST_CASE("SigV4: S3 takes the path as it is and may presign without the payload") {
    HttpRequest request;
    request.url = Url::parse("https://examplebucket.s3.amazonaws.com/test.txt");
    aws::SigningKey key{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}};
    aws::Signing signing = example_signing("s3");
    signing.time = from_iso8601("2013-05-24T00:00:00Z");
    signing.rule = aws::path_rule("s3");
    signing.payload_hash = std::string(aws::unsigned_payload);
    aws::presign(request, key, signing, 86400);
    CHECK(signature_of(request.url.target) ==
          "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    CHECK(aws::canonical_uri("/a%3Ab//c", aws::path_rule("s3")) == "/a%3Ab//c");
}

TEST_CASE("SigV4: an escape on the wire is escaped again") {
    CHECK(aws::canonical_uri("/2017-03-31/tags/arn%3Aaws%3Alambda", aws::path_rule("lambda")) ==
          "/2017-03-31/tags/arn%253Aaws%253Alambda");
    CHECK(aws::canonical_uri("/a//b/./c/../d/", aws::PathRule::normalised) == "/a/b/d/");
    CHECK(aws::canonical_uri("", aws::PathRule::normalised) == "/");
    CHECK(aws::canonical_query("b=2&a=%7e&a=1&flag") == "a=1&a=~&b=2&flag=");
}

TEST_CASE("SigV4: what proxies may change is not signed and the session token is") {
    HttpRequest request;
    request.url = Url::parse("http://127.0.0.1:4566/x");
    request.headers.set("User-Agent", "pyfops");
    request.headers.set("Expect", "100-continue");
    request.headers.set("X-Amz-Log-Type", "Tail");
    aws::SigningKey key = example_key();
    key.session_token = Secret("session-token-value");
    aws::sign(request, key, example_signing());
    const std::string header = request.headers.get("Authorization");
    CHECK(header.find("SignedHeaders=host;x-amz-date;x-amz-log-type;x-amz-security-token,") !=
          std::string::npos);
    CHECK(request.headers.get("Host") == "127.0.0.1:4566");
    // Signing again replaces, it does not pile up.
    aws::sign(request, key, example_signing());
    CHECK(request.headers.get("Authorization") == header);
}

TEST_CASE("SigV4: a verifier refuses what is broken and sees what was changed") {
    HttpRequest request;
    request.url = Url::parse("https://lambda.us-east-1.amazonaws.com/2015-03-31/functions?MaxItems=50");
    aws::sign(request, example_key(), example_signing("lambda"));
    const auto claim = aws::read_claim(request.url.query(), request.headers);
    REQUIRE(claim);
    CHECK(claim->access_key_id == "AKIDEXAMPLE");
    CHECK(claim->scope.str() == "20150830/us-east-1/lambda/aws4_request");
    const auto expected = [&](const std::string& query) {
        return aws::expected_signature(*claim, example_key().secret_key.expose(), "GET",
                                       "/2015-03-31/functions", query, request.headers,
                                       aws::empty_payload_hash);
    };
    CHECK(expected("MaxItems=50") == claim->signature);
    CHECK(expected("MaxItems=51") != claim->signature);

    HttpHeaders headers;
    CHECK_FALSE(aws::read_claim("", headers));
    headers.set("Authorization", "Bearer x");
    CHECK_FALSE(aws::read_claim("", headers));
    headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00");
    CHECK_THROWS_AS(aws::read_claim("", headers), Error);
    headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=00");
    CHECK_THROWS_AS(aws::read_claim("", headers), Error);
}
