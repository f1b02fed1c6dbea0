// SPDX-License-Identifier: Apache-2.0
#include "pyfops/answers.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;

namespace {

std::vector<std::string> paths(const char* one, const char* other, const Tolerance& tolerance = {}) {
    std::vector<std::string> all;
    for (const AnswerDifference& difference : differences(json::parse(one), json::parse(other), tolerance))
        all.push_back(difference.path);
    return all;
}

using Paths = std::vector<std::string>;

UnitReport unit(const std::string& provider, std::vector<std::pair<std::string, std::string>> answers) {
    UnitReport report;
    report.identity = {"p", "f", provider, "r", Realm::local, "auto"};
    for (auto& [test, answer] : answers) {
        TestOutcome outcome;
        outcome.name = test;
        outcome.invocation.output = json::parse(answer);
        report.tests.push_back(std::move(outcome));
    }
    return report;
}

TestOutcome failed(FunctionError::Cause cause, const std::string& type, const std::string& message) {
    TestOutcome outcome;
    outcome.name = "t";
    outcome.invocation.error = FunctionError{cause, type, message, {}};
    return outcome;
}

} // namespace

TEST_CASE("order of keys and integers written as floats and the last bits of a float are no difference") {
    CHECK(paths(R"({"a":1,"b":[1,2]})", R"({"b":[1.0,2],"a":1})").empty());
    CHECK(paths("0.1", "0.10000000000000001").empty());
    CHECK(paths("0.3", "0.30000000000000004").empty());
    CHECK(paths("0.3", "0.301") == Paths{""});
    CHECK(paths("0.3", "0.301", {0.01, 0}).empty());
    CHECK(paths("100", "101.0", {0, 0.01}).empty());
}

TEST_CASE("large integers are compared exactly") {
    CHECK(paths("9007199254740993", "9007199254740992") == Paths{""});
    CHECK(paths("18446744073709551615", "18446744073709551615").empty());
}

TEST_CASE("differences are named by their place") {
    CHECK(paths(R"({"a":{"x/y":1},"b":2})", R"({"a":{"x/y":"1"},"c":3})") == Paths{"/a/x~1y", "/b", "/c"});
    CHECK(paths("[1,2,3]", "[1,5]") == Paths{"/1", "/2"});
    CHECK(paths("null", "false") == Paths{""});
    const auto found = differences(json::parse(R"({"a":1})"), json::parse("{}"));
    REQUIRE(found.size() == 1);
    CHECK(found[0].one == json::value(1));
    CHECK_FALSE(found[0].other.has_value());
    CHECK(differences(json::parse("[1,2,3,4]"), json::parse("[4,3,2,1]"), {}, 3).size() == 3);
}

TEST_CASE("inputs that are not answered alike everywhere are told with who says what") {
    RunReport report;
    report.units = {unit("aws", {{"same", "1"}, {"other", R"({"n":1})"}}),
                    unit("google", {{"same", "1.0"}, {"other", R"({"n":2})"}}),
                    unit("azure", {{"same", "1"}, {"other", R"({"n":2})"}})};
    const auto found = disagreements(report);
    REQUIRE(found.size() == 1);
    CHECK(found[0].test == "other");
    REQUIRE(found[0].groups.size() == 2);
    CHECK(found[0].groups[0].deployments.size() == 2); // most first
    CHECK(found[0].groups[1].deployments[0].provider == "aws");
    REQUIRE(found[0].against_first.size() == 1);
    CHECK(found[0].against_first[0].path == "/n");
    CHECK(found[0].against_first[0].one == json::value(2));
}

TEST_CASE("of an exception type and message count and of a platform's own end only the cause") {
    using Cause = FunctionError::Cause;
    RunReport report;
    report.units = {unit("aws", {}), unit("google", {})};
    report.units[0].tests = {
        failed(Cause::timed_out, "Sandbox.Timedout", "Task timed out after 3.00 seconds")};
    report.units[1].tests = {failed(Cause::timed_out, "Google.Timeout", "upstream request timeout")};
    CHECK(disagreements(report).empty());
    report.units[0].tests = {failed(Cause::raised, "ValueError", "no")};
    report.units[1].tests = {failed(Cause::raised, "ValueError", "no!")};
    CHECK(disagreements(report).size() == 1);
}

TEST_CASE("of repeated tests the last answer is compared") {
    RunReport report;
    report.units = {unit("aws", {{"t", "1"}, {"t", "2"}}), unit("google", {{"t", "2"}})};
    CHECK(disagreements(report).empty());
}
