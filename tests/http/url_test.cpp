// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"
#include "pyfops/http.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace pyfops;

TEST_CASE("a URL is taken apart and put together") {
    const Url url =
        Url::parse("HTTPS://Lambda.EU-central-1.amazonaws.com:8443/2015-03-31/a%2Fb//c?x=1&y=%20");
    CHECK(url.scheme == "https");
    CHECK(url.host == "lambda.eu-central-1.amazonaws.com");
    CHECK(url.effective_port() == 8443);
    CHECK(url.target == "/2015-03-31/a%2Fb//c?x=1&y=%20");
    CHECK(url.path() == "/2015-03-31/a%2Fb//c");
    CHECK(url.query() == "x=1&y=%20");
    CHECK(url.authority() == "lambda.eu-central-1.amazonaws.com:8443");
    CHECK(url.str() == "https://lambda.eu-central-1.amazonaws.com:8443/2015-03-31/a%2Fb//c?x=1&y=%20");
}

TEST_CASE("short and odd forms of a URL") {
    CHECK(Url::parse("http://h").target == "/");
    CHECK(Url::parse("http://h").effective_port() == 80);
    CHECK(Url::parse("https://h").effective_port() == 443);
    CHECK(Url::parse("http://h?a=b").target == "/?a=b");
    CHECK(Url::parse("http://h/p#fragment").target == "/p");
    CHECK(Url::parse("https://h:443/").authority() == "h");
    CHECK(Url::parse("http://h:443/").authority() == "h:443");
    CHECK(Url::parse("http://127.0.0.1:9/x").host == "127.0.0.1");
    const Url six = Url::parse("http://[::1]:8080/x");
    CHECK(six.host == "::1");
    CHECK(six.authority() == "[::1]:8080");
    CHECK(six.str() == "http://[::1]:8080/x");
}

TEST_CASE("what is no URL is refused and never repeats a password") {
    for (const char* bad : {"",
                            "h",
                            "/path",
                            "ftp://h/",
                            "http://",
                            "http:///p",
                            "http://h:0/",
                            "http://h:x",
                            "http://h:8x/",
                            "http://h::/",
                            "http://[::1]x/",
                            "http://[::1/",
                            "http://h:-1/",
                            "http://h:99999/",
                            "http://h/a b",
                            "http://h/\r\nX: y",
                            "http://a b/",
                            "http://h\xc3\xa9/",
                            "https:h",
                            "http://h%20x/"}) {
        INFO(std::string(bad));
        CHECK_THROWS_AS(Url::parse(bad), Error);
    }
    try {
        Url::parse("https://user:geheim@host/x@y");
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("geheim") == std::string::npos);
        CHECK(error.kind() == ErrorKind::invalid_input);
    }
}

TEST_CASE("percent coding is its own inverse") {
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    CHECK(percent_decode(percent_encode(all)) == all);
    CHECK(percent_encode("a/b c~d", "/") == "a/b%20c~d");
    CHECK(percent_encode("\xc3\xa9+") == "%C3%A9%2B");
    CHECK(percent_decode("a+b%2fc") == "a+b/c");
    for (const char* bad : {"%", "%1", "%zz", "a%2", "%2g"})
        CHECK_THROWS_AS(percent_decode(bad), Error);
}

TEST_CASE("header names compare without case and keep their order") {
    HttpHeaders headers;
    headers.add("Set-Cookie", "a");
    headers.set("Content-Type", "text/plain");
    headers.add("set-cookie", "b");
    CHECK(headers.size() == 3);
    CHECK(headers.get("SET-COOKIE") == "a");
    CHECK(*headers.find("content-type") == "text/plain");
    headers.set("SET-cookie", "c");
    CHECK(headers.size() == 2);
    CHECK(headers.get("set-cookie") == "c");
    headers.erase("Content-type");
    CHECK_FALSE(headers.has("content-type"));
    CHECK(headers.get("content-type").empty());
}
