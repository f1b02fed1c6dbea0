// SPDX-License-Identifier: Apache-2.0
#include "expect/support.hpp"

#include "pyfops/secret.hpp"

using namespace pyfops;
using test::judged;

namespace {

std::string exact(std::string_view expected, std::string_view got) {
    return judged(Expectation::Kind::exact, expected, got);
}

std::string subset(std::string_view expected, std::string_view got) {
    return judged(Expectation::Kind::subset, expected, got);
}

std::string approx(std::string_view expected, std::string_view got, Tolerance tolerance) {
    Expectation expect{Expectation::Kind::approx, test::parsed(expected)};
    expect.tolerance = tolerance;
    return judged(expect, test::answering(test::parsed(got)));
}

std::string failing(std::string_view expected, std::string type, std::string message) {
    Invocation invocation;
    invocation.error = FunctionError{FunctionError::Cause::raised, std::move(type), std::move(message), {}};
    return judged({Expectation::Kind::error, test::parsed(expected)}, invocation);
}

} // namespace

TEST_CASE("equal JSON is equal whatever the order and the kind of number") {
    CHECK(exact(R"({"a": 1, "b": [true, null]})", R"({"b": [true, null], "a": 1.0})").empty());
    CHECK(exact("1", "1.0").empty());
    CHECK(exact("1e2", "100").empty());
    CHECK(exact("18446744073709551615", "18446744073709551615").empty());
    CHECK(exact("\"ü\"", "\"\\u00fc\"").empty());
    CHECK(exact("-0.0", "0").empty());
}

TEST_CASE("a difference says where it is") {
    CHECK(exact(R"({"items": [1, 2, 3, {"name": 5}]})", R"({"items": [1, 2, 3, {"name": 6}]})") ==
          "at /items/3/name: expected 5, got 6");
    CHECK(exact("5", "\"5\"") == "expected 5, got \"5\"");
    CHECK(exact(R"({"a": {"b": 1}})", R"({"a": {}})") == "at /a/b: expected 1, but it is missing");
    CHECK(exact("{}", R"({"a": [1]})") == "at /a: not expected, got [1]");
    CHECK(exact("[1, 2]", "[1]") == "expected 2 items, got 1");
    CHECK(exact(R"({"x": [1]})", R"({"x": [1, 2]})") == "at /x: expected 1 items, got 2");
    CHECK(exact(R"({"a/b": {"c~d": 1}})", R"({"a/b": {"c~d": 2}})") == "at /a~1b/c~0d: expected 1, got 2");
    CHECK(exact("true", "1") == "expected true, got 1");
    CHECK(exact("null", "false") == "expected null, got false");
    CHECK(exact("{}", "[]") == "expected {}, got []");
}

TEST_CASE("numbers are compared exactly") {
    CHECK_FALSE(exact("9007199254740993", "9007199254740992.0").empty());
    CHECK_FALSE(exact("9223372036854775807", "9223372036854775808").empty());
    CHECK_FALSE(exact("9223372036854775807", "9223372036854775808.0").empty());
    CHECK_FALSE(exact("-1", "18446744073709551615").empty());
    CHECK_FALSE(exact("0.1", "0.10000000000000002").empty());
    CHECK_FALSE(exact("1", "1e300").empty());
}

TEST_CASE("a subset ignores members that nobody asked for but not those of lists") {
    CHECK(subset(R"({"a": {"b": 1}})", R"({"a": {"b": 1, "c": 2}, "d": 3})").empty());
    CHECK(subset(R"({"l": [{"a": 1}]})", R"({"l": [{"a": 1, "b": 2}]})").empty());
    CHECK(subset(R"({"l": [1]})", R"({"l": [1, 2]})") == "at /l: expected 1 items, got 2");
    CHECK(subset(R"({"a": {"b": 1}})", R"({"a": {"b": 2}})") == "at /a/b: expected 1, got 2");
    CHECK(subset("{}", "{\"a\": 1}").empty());
}

TEST_CASE("approximate numbers may be apart anywhere in the answer and nothing else may") {
    const Tolerance within{1e-6, 1e-3};
    CHECK(approx(R"({"a": [1.0, {"b": 1000}], "t": "x"})", R"({"t": "x", "a": [1.0009, {"b": 1000.9}]})",
                 within)
              .empty());
    CHECK(approx("0", "1e-7", within).empty());
    CHECK(approx("1", "1.0000000001", {}).empty());
    CHECK(approx("5", "5.0", {0, 0}).empty());
    CHECK(approx("2", "-2", {0, 0.9}) == "expected 2 give or take 1.8, got -2");
    CHECK(approx(R"({"a": [1.0, 2.0]})", R"({"a": [1.0, 2.1]})", within) ==
          "at /a/1: expected 2.0 give or take 0.002101, got 2.1");
    CHECK(approx("0", "0.5", {0.25, 0}) == "expected 0 give or take 0.25, got 0.5");
    CHECK(approx("1e308", "-1e308", {0, 0.5}) == "expected 1e+308 give or take 5e+307, got -1e+308");
    CHECK(approx("9007199254740993", "9007199254740992", {0, 0}) ==
          "expected 9007199254740993 give or take 0, got 9007199254740992");
    CHECK(approx(R"({"a": 1})", R"({"a": 1, "b": 1})", within) == "at /b: not expected, got 1");
    CHECK(approx(R"({"a": 1})", "{}", within) == "at /a: expected 1, but it is missing");
    CHECK(approx("[1]", "[1, 2]", within) == "at /1: not expected, got 2");
    CHECK(approx("1", "\"1\"", within) == "expected 1, got \"1\"");
}

TEST_CASE("an answer that is too deep is refused before it is compared") {
    using Kind = Expectation::Kind;
    // One of a hundred thousand levels cannot even be made: its destructor goes down by recursion.
    const Invocation deep = test::answering(test::nested(5000));
    for (const Kind kind :
         {Kind::exact, Kind::subset, Kind::approx, Kind::schema, Kind::regex, Kind::file, Kind::any})
        CHECK(judged({kind, json::object()}, deep) == "the answer has more than 64 levels");
    CHECK(judged({Kind::exact, test::nested(64)}, test::answering(test::nested(64))).empty());
    CHECK(judged({Kind::exact, test::nested(65)}, test::answering(test::nested(65))) ==
          "the answer has more than 64 levels");
}

TEST_CASE("an expected error is compared by type and text") {
    CHECK(failing("{}", "ValueError", "no").empty());
    CHECK(failing(R"({"type": "ValueError"})", "ValueError", "no").empty());
    CHECK(failing(R"({"type": "BadZipFile"})", "zipfile.BadZipFile", "").empty());
    CHECK(failing(R"({"message": "width"})", "ValueError", "the width is missing").empty());
    CHECK(failing(R"({"type": "KeyError"})", "ValueError", "no") ==
          "expected the error KeyError, got ValueError: no");
    CHECK(failing(R"({"type": "Error"})", "ValueError", "no") ==
          "expected the error Error, got ValueError: no");
    CHECK(failing(R"({"message": "height"})", "ValueError", "no") ==
          "expected an error with 'height', got ValueError: no");
    Invocation fine;
    fine.output = 5;
    CHECK(judged({Expectation::Kind::error, json::object{{"type", "ValueError"}}}, fine) ==
          "expected the error ValueError, got 5");
    CHECK(judged({Expectation::Kind::error, json::object{}}, fine) == "expected an error, got 5");
}

TEST_CASE("an unexpected error is the reason") {
    Invocation failed;
    failed.error = FunctionError{FunctionError::Cause::raised, "KeyError", "'w'", {}};
    CHECK(judged({}, failed) == "the function failed: KeyError: 'w'");
    CHECK(judged({Expectation::Kind::exact, 5}, failed) == "the function failed: KeyError: 'w'");
    failed.error = FunctionError{FunctionError::Cause::out_of_memory, "", "", {}};
    CHECK(judged({}, failed) == "the function failed: out of memory (a larger `memory` gives it more)");
    Invocation any;
    any.output = nullptr;
    CHECK(judged({}, any).empty());
    CHECK(judged({}, Invocation{}) == "the function gave no answer");
}

TEST_CASE("a reason is one short line without secrets") {
    const Secret key(std::string("s3cr3t-value"));
    Invocation loud;
    loud.output = json::string("s3cr3t-value\n\x1b[31m" + std::string(5000, 'x'));
    const std::string reason = judged({Expectation::Kind::exact, 5}, loud);
    CHECK(reason.size() < 200);
    CHECK(reason.find("s3cr3t") == std::string::npos);
    CHECK(reason.find('\n') == std::string::npos);
    CHECK(reason.find('\x1b') == std::string::npos);
    Invocation wide;
    wide.output = json::object{{std::string(5000, 'k'), 1}};
    CHECK(judged({Expectation::Kind::exact, json::object{}}, wide).size() < 300);
}

TEST_CASE("a secret across the place where a reason is cut is not shown in part") {
    const Secret secret("very-secret-value");
    Invocation invocation;
    invocation.output = json::string(std::string(70, 'a') + secret.expose());
    const std::string reason = judged({Expectation::Kind::exact, json::value(1)}, invocation);
    CHECK(reason.find("very-s") == std::string::npos);
}
