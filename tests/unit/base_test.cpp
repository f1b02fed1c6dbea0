// SPDX-License-Identifier: Apache-2.0
#include "pyfops/clock.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"
#include "pyfops/target.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace pyfops;

TEST_CASE("an error says what, where, the provider's words and what to do") {
    Error error(ErrorKind::conflict, "the name is taken");
    error.context("deploying 'a' to aws/eu-west-1")
        .provider(409, "ResourceConflictException", "exists")
        .hint("choose another name");
    CHECK(std::string(error.what()) == "deploying 'a' to aws/eu-west-1: the name is taken (the provider "
                                       "says: 409 ResourceConflictException: "
                                       "exists); choose another name");
    CHECK_FALSE(error.retryable());
}

TEST_CASE("a secret never reaches an error while it lives") {
    const Secret key(std::string("s3cr3t-key"));
    CHECK(std::string(Error(ErrorKind::internal, "got s3cr3t-key from there").what()) ==
          "got *** from there");
    Secret moved = Secret(key);
    const Secret other(std::move(moved));
    CHECK(redact("s3cr3t-key") == "***");
}

TEST_CASE("a forgotten secret is no longer replaced") {
    { const Secret gone(std::string("short-lived")); }
    CHECK(redact("short-lived") == "short-lived");
}

TEST_CASE("an excerpt shows no part of a secret and no part of a character") {
    const Secret key(std::string("s3cr3t-key"));
    // The secret lies across the place of the cut, wherever that is.
    for (std::size_t before = 0; before <= 20; ++before) {
        const std::string text = std::string(before, 'a') + "s3cr3t-key" + std::string(20, 'z');
        for (const std::string& part : {excerpt(text, 16), excerpt_of_end(text, 24)}) {
            CHECK(part.find("s3") == std::string::npos);
            CHECK(part.find("key") == std::string::npos);
        }
    }
    const std::string wide = "\u20ac\u20ac\u20ac"; // three bytes each
    CHECK(excerpt(wide, 9) == wide);
    CHECK(excerpt(wide, 8) == "\u20ac\u20ac...");
    CHECK(excerpt(wide, 6) == "\u20ac\u20ac...");
    CHECK(excerpt(wide, 2) == "...");
    CHECK(excerpt_of_end(wide, 9) == wide);
    CHECK(excerpt_of_end(wide, 8) == "...\u20ac\u20ac");
    CHECK(excerpt_of_end(wide, 6) == "...\u20ac\u20ac");
    CHECK(excerpt_of_end(wide, 2) == "...");
    // What fits after the secret is hidden is not cut.
    CHECK(excerpt("s3cr3t-key!", 4) == "***!");
}

TEST_CASE("a finding shows the line and a caret") {
    Finding finding{Severity::error,
                    "unknown-key",
                    "unknown key 'memry'",
                    "did you mean 'memory'?",
                    {},
                    {"pyfops.yaml", 3, 5, 5, "    memry: 1"}};
    CHECK(render(finding) == "pyfops.yaml:3:5: error: unknown key 'memry'\n"
                             "    3 |     memry: 1\n"
                             "      |     ^~~~~ did you mean 'memory'?\n");
}

TEST_CASE("a finding does not act on the terminal, and its caret stands where the text is") {
    const Finding finding{Severity::error,
                          "unknown-key",
                          "unknown key '\xc2\x9b"
                          "31m'",
                          "a hint\xe2\x80\xae",
                          {},
                          {"a\x1b.yaml", 1, 3, 2, "\xe2\x80\xae\t\xc3\xa9\xc2\x9b: 1"}};
    CHECK(render(finding) == "a\\x1b.yaml:1:3: error: unknown key '\\x9b31m'\n"
                             "    1 | \\u202e \xc3\xa9\\x9b: 1\n"
                             "      |        ^~~~~ a hint\\u202e\n");
}

TEST_CASE("a pipe in the place of a file is refused, not waited for") {
    const TemporaryDirectory folder;
    const auto pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    try {
        read_file(pipe);
        FAIL("it was read");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid_input);
        CHECK(std::string(error.what()).find("it is no file but a pipe") != std::string::npos);
    }
    CHECK(read_file("/dev/null").empty());
}

TEST_CASE("the nearest name is suggested and far ones are not") {
    CHECK(nearest("memry", {"timeout", "memory"}) == "memory");
    CHECK(nearest("awss", {"aws", "azure"}) == "aws");
    CHECK(nearest("regoins", {"regions", "provider"}) == "regions");
    CHECK(nearest("xyz", {"timeout", "memory"}).empty());
}

TEST_CASE("JSON errors name the place and limits hold") {
    CHECK(parse_json("{\"a\": [1, 2]}", "it").as_object().size() == 1);
    CHECK_THROWS_WITH_AS(parse_json("{\n \"a\": x}", "the answer"), doctest::Contains("line 2, column 7"),
                         Error);
    CHECK_THROWS_AS(parse_json(std::string(100, '['), "deep"), Error);
    CHECK_THROWS_AS(parse_json("1 2", "two"), Error);
    CHECK_THROWS_AS(parse_json("", "nothing"), Error);
}

TEST_CASE("canonical JSON does not depend on the order of keys") {
    CHECK(canonical_json(parse_json(R"({"b": 1, "a": {"d": [1.5, null], "c": ""}})", "x")) ==
          R"({"a":{"c":"","d":[1.5,null]},"b":1})");
}

TEST_CASE("base64 round trips and refuses what no encoder writes") {
    for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        CHECK(base64_decode(base64(text)) == text);
        CHECK(base64url_decode(base64url(text)) == text);
    }
    CHECK(base64("fooba") == "Zm9vYmE=");
    CHECK(base64url("\xff\xfe") == "__4");
    for (const char* bad : {"Zg=", "Z===", "Zm9v!", "Zh==", "====", "="})
        CHECK_THROWS_AS(base64_decode(bad), Error);
}

TEST_CASE("digests agree with their published vectors") {
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(Sha256().update("a").update("bc").finish()) == sha256_hex("abc"));
    // RFC 4231, case 2
    CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("dates go both ways") {
    const SystemTime time = from_iso8601("2026-11-23T06:47:09Z");
    CHECK(to_iso8601(time) == "2026-11-23T06:47:09Z");
    CHECK(to_http_date(time) == "Mon, 23 Nov 2026 06:47:09 GMT");
    CHECK(from_http_date("Mon, 23 Nov 2026 06:47:09 GMT") == time);
    CHECK(from_iso8601("2026-11-23T07:47:09.123+0100") == time);
    CHECK_THROWS_AS(from_iso8601("yesterday"), Error);
    CHECK_THROWS_AS(from_http_date("Mon, 32 Foo 2026 06:47:09 GMT"), Error);
}

TEST_CASE("a cloud name is made from the identity and stays within the limit") {
    FdIdentity identity{"gate-change", "thumbnail", "aws", "eu-central-1", Realm::real, "auto"};
    CHECK(cloud_name(identity, 64) == "gate-change-thumbnail");
    identity.slot = "256";
    CHECK(cloud_name(identity, 64) == "gate-change-thumbnail-256");
    CHECK(cloud_name(identity, 20).size() == 20);
    FdIdentity other = identity;
    other.slot = "512";
    CHECK(cloud_name(identity, 20) != cloud_name(other, 20));
}

TEST_CASE("ids from one seed repeat") {
    SeededRandom a(7), b(7);
    CHECK(a.uuid() == b.uuid());
    CHECK(a.uuid().size() == 36);
    CHECK(a.uuid()[14] == '4');
}

TEST_CASE("an identity survives its text form and hostile marks are refused") {
    const FdIdentity identity{"p", "f", "aws", "eu-west-1", Realm::local, "256"};
    CHECK(FdIdentity::parse(identity.str()) == identity);
    for (const char* bad :
         {"", "a/b/c/d/real", "a/b/c/d/elsewhere/auto", "a//c/d/real/auto", "a/b/c/d/real/auto/x"})
        CHECK_THROWS_AS(FdIdentity::parse(bad), Error);
}

TEST_CASE("numbers read as people write them and stay the same values") {
    const json::value value = parse_json("[2.0, 0.1, 1e300, -0.0, 3, 1e-7, 18446744073709551615]", "numbers");
    CHECK(canonical_json(value) == "[2.0,0.1,1e+300,-0.0,3,1e-07,18446744073709551615]");
    CHECK(parse_json(canonical_json(value), "again") == value);
    CHECK(pretty_json(json::value(2.0)) == "2.0");
}
