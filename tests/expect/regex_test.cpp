// SPDX-License-Identifier: Apache-2.0
#include "expect/support.hpp"

#include "pyfops/secret.hpp"

using namespace pyfops;

namespace {

std::string regex(std::string_view expected, std::string_view got) {
    return test::judged(Expectation::Kind::regex, expected, got);
}

std::string on_text(std::string expression, std::string text) {
    return test::judged({Expectation::Kind::regex, json::value(expression)},
                        test::answering(json::value(text)));
}

} // namespace

TEST_CASE("texts match as a whole and in their place") {
    CHECK(regex(R"({"id": "[0-9a-f]{8}", "n": 1})", R"({"id": "0badcafe", "n": 1.0, "more": true})").empty());
    CHECK(regex(R"(["a+", {"b": "x|y"}])", R"(["aaa", {"b": "y"}])").empty());
    CHECK(regex(R"({"id": "[0-9]+"})", R"({"id": "12x"})") ==
          R"(at /id: expected text that matches "[0-9]+", got "12x")");
    CHECK(regex(R"("b")", R"("abc")") == R"(expected text that matches "b", got "abc")");
    CHECK(regex(R"({"a": ".*"})", R"({"a": 5})") == R"(at /a: expected text that matches ".*", got 5)");
    CHECK(regex(R"({"a": ".*"})", "{}") == R"(at /a: expected ".*", but it is missing)");
    CHECK(regex(R"([".*"])", R"(["a", "b"])") == "expected 1 items, got 2");
    CHECK(regex(R"({"a": true, "b": null})", R"({"a": true, "b": false})") ==
          "at /b: expected null, got false");
}

TEST_CASE("expressions see characters and lines as people do") {
    CHECK(on_text("gr.n", "gr\xc3\xbcn").empty());
    CHECK(on_text("[\xc3\xa0-\xc3\xbf]{2}", "\xc3\xbc\xc3\xa4").empty());
    CHECK(on_text(".", "\xf0\x9f\x98\x80").empty());
    CHECK_FALSE(on_text(".*", "one\ntwo").empty());
    CHECK(on_text("(?s).*", "one\ntwo").empty());
    CHECK_FALSE(on_text("^one$.*", "one\ntwo").empty());
    CHECK_FALSE(on_text("one", "one\n").empty());
    CHECK(on_text("", "").empty());
    CHECK(on_text(".*", std::string("\0x", 2)).empty());
    CHECK(on_text("a.", "a\xff").empty()); // no UTF-8: one character that nothing names
}

TEST_CASE("runaway matching fails with a reason") {
    const std::string much(5000, 'a');
    CHECK(on_text("(a+)+$", much + "b")
              .starts_with("the regular expression '(a+)+$' takes too many steps on a text of 5001 bytes"));
    CHECK(on_text("(a|aa)+", much + "b").find("takes too many steps") != std::string::npos);
    CHECK(on_text("(.*)*x", much).find("takes too many steps") != std::string::npos);
    CHECK(on_text("(x+x+)+y", std::string(40, 'x')).find("takes too many steps") != std::string::npos);
    // A long expression does not raise the limit.
    CHECK_FALSE(on_text(std::string(4000, '.') + "(a+)+$", much + "b").empty());
}

TEST_CASE("long texts are matched as far as the limit and no further") {
    CHECK(on_text("a*", std::string(1u << 20, 'a')).empty());
    CHECK(on_text("(a|b)*", std::string(200'000, 'a')).empty());
    CHECK(
        on_text("a*", std::string((1u << 20) + 1, 'a')).starts_with("the text has 1048577 bytes, more than"));
}

TEST_CASE("what is no regular expression never fits and breaks nothing") {
    CHECK(on_text("(a", "a").find("is no regular expression") != std::string::npos);
    CHECK(on_text("[", "[").find("is no regular expression") != std::string::npos);
    CHECK(on_text("*", "*").find("is no regular expression") != std::string::npos);
    CHECK(on_text(std::string(20'000, '('), "").find("longer than") != std::string::npos);
    CHECK(on_text(std::string(5000, '('), "").find("is no regular expression") != std::string::npos);
    CHECK(on_text("\\1(a)", "aa").size() < 500);
}

TEST_CASE("a secret in a text that does not match is not shown") {
    const Secret key(std::string("s3cr3t-value"));
    const std::string reason = on_text("[0-9]+", "s3cr3t-value");
    CHECK_FALSE(reason.empty());
    CHECK(reason.find("s3cr3t") == std::string::npos);
}
