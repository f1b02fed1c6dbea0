// SPDX-License-Identifier: Apache-2.0
#include "faults.hpp"

#include "pyfops/error.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pyfops;

namespace {

FaultPlan plan(std::string_view text) {
    return FaultPlan(parse_json(text, "plan").as_object());
}

std::string refusal(std::string_view text) {
    try {
        plan(text);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid_input);
        return error.message();
    }
    return {};
}

} // namespace

TEST_CASE("the n-th request of an operation fails and no other") {
    auto faults = plan(R"({"rules": [{"operation": "lambda:Create*", "nth": [2], "action": "status",
                           "status": 429, "retry_after": 3}]})");
    CHECK_FALSE(faults.decide("lambda:CreateFunction").failure);
    CHECK_FALSE(faults.decide("lambda:GetFunction").failure);
    const auto second = faults.decide("lambda:CreateFunctionUrlConfig");
    REQUIRE(second.failure);
    CHECK(second.failure->status == 429);
    CHECK(second.failure->retry_after == 3);
    CHECK_FALSE(faults.decide("lambda:CreateFunction").failure);
}

TEST_CASE("rules add up and the first failure wins") {
    auto faults = plan(R"({"rules": [{"action": "latency", "ms": 20}, {"action": "latency", "ms": 5},
                           {"action": "status", "status": 500}, {"action": "status", "status": 503},
                           {"action": "drop", "when": "after", "times": 1}, {"action": "hold", "nth": 2}]})");
    const auto first = faults.decide("iam:CreateRole");
    CHECK(first.latency == Milliseconds(25));
    REQUIRE(first.failure);
    CHECK(first.failure->status == 500);
    CHECK(first.drop_after);
    CHECK_FALSE(first.hold_before);
    const auto second = faults.decide("iam:GetRole");
    CHECK_FALSE(second.drop_after);
    CHECK(second.hold_before);
}

TEST_CASE("chance is seeded: the same plan gives the same faults") {
    const auto run = [] {
        auto faults = plan(R"({"seed": 7, "rules": [{"action": "drop", "probability": 0.3}]})");
        std::vector<bool> dropped;
        for (int i = 0; i < 200; ++i)
            dropped.push_back(faults.decide("s3:PutObject").drop_before);
        return dropped;
    };
    const auto one = run();
    CHECK(one == run());
    const auto count = std::count(one.begin(), one.end(), true);
    CHECK(count > 30);
    CHECK(count < 90);
}

TEST_CASE("a plan that cannot be meant is refused with the member's name") {
    CHECK(refusal(R"({"rule": []})") == "fault plan: 'rule' is unknown; there are seed, settings and rules");
    CHECK(refusal(R"({"rules": [{"action": "explode"}]})") ==
          "fault plan: rules[0].action must be one of latency, status, drop and hold");
    CHECK(refusal(R"({"rules": [{"action": "status", "status": 200}]})") ==
          "fault plan: rules[0].status must be an integer from 400 to 599");
    CHECK(refusal(R"({"rules": [{"action": "hold", "when": "later"}]})") ==
          "fault plan: rules[0].when must be \"before\", \"during\" or \"after\"");
    CHECK(refusal(R"({"rules": [{"action": "drop", "nth": 0}]})").starts_with("fault plan: rules[0].nth"));
}

TEST_CASE("settings are handed out as given") {
    const auto faults = plan(R"({"settings": {"iam.propagation_ms": 8000}})");
    REQUIRE(faults.setting("iam.propagation_ms"));
    CHECK(faults.setting("iam.propagation_ms")->as_int64() == 8000);
    CHECK_FALSE(faults.setting("lambda.pending_ms"));
}

TEST_CASE("an upload can be cut off in its middle") {
    auto faults =
        plan(R"({"rules": [{"operation": "s3:PutObject", "action": "drop", "when": "during", "nth": 1}]})");
    CHECK_FALSE(faults.decide("s3:PutObject").drop_before);
    CHECK_FALSE(faults.admits("s3:PutObject"));
    CHECK(faults.admits("s3:PutObject"));
    CHECK(refusal(R"({"rules": [{"action": "hold", "when": "during"}]})") ==
          "fault plan: rules[0].when may be \"during\" only for the action drop");
}
