// SPDX-License-Identifier: Apache-2.0
// The calls that a test makes: warming up, repetitions, how long they may take.
#include "pipeline/world.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

/// One function of fixed memory in one region, with one test.
struct OneTest : World {
    OneTest() {
        project.functions = {function("sell")};
        project.functions.front().memory = {false, {256}};
        project.deployments.front().regions = {"r1"};
    }
    TestCase& test() { return project.functions.front().tests.front(); }
    std::vector<TestOutcome> outcomes() {
        const RunReport report = run(request());
        REQUIRE(report.units.size() == 1);
        return report.units.front().tests;
    }
};

Task<Invocation> answer(std::optional<FunctionError> error, std::optional<double> duration_ms) {
    Invocation invocation;
    if (error) {
        invocation.error = std::move(error);
    } else {
        invocation.output = json::object{{"n", 1}};
    }
    invocation.duration_ms = duration_ms;
    invocation.round_trip = Milliseconds(40);
    co_return invocation;
}

} // namespace

TEST_CASE("warm-up calls are made before the test and their answers do not count") {
    OneTest world;
    world.test().warm_up = 2;
    world.test().repeat = 3;
    world.provider->on_invoke = [&world](const InvokeRequest& request, StageContext&) {
        CHECK(request.event == json::object{{"n", 1}});
        const bool warming = world.count("invoke") <= 2;
        return answer(warming ? std::optional(FunctionError{}) : std::nullopt, {});
    };
    const auto tests = world.outcomes();
    CHECK(world.count("invoke") == 5);
    REQUIRE(tests.size() == 3);
    for (const TestOutcome& test : tests)
        CHECK(test.passed);
    CHECK(tests.back().repetition == 2);
}

TEST_CASE("a call that takes longer than its test allows fails it") {
    OneTest world;
    world.test().max_duration = Milliseconds(20);
    world.provider->on_invoke = [](const InvokeRequest&, StageContext&) { return answer({}, 19.5); };
    CHECK(world.outcomes().front().passed);
    world.provider->on_invoke = [](const InvokeRequest&, StageContext&) { return answer({}, {}); };
    const auto tests = world.outcomes();
    CHECK_FALSE(tests.front().passed);
    CHECK(tests.front().reason.starts_with("the round trip took 40 ms"));
}

TEST_CASE("a platform that fails while warming up fails the deployment and not the test") {
    OneTest world;
    world.test().warm_up = 1;
    world.provider->on_invoke = [](const InvokeRequest&, StageContext&) -> Task<Invocation> {
        throw Error(ErrorKind::forbidden, "not for you");
        co_return Invocation{};
    };
    const RunReport report = world.run(world.request());
    REQUIRE(report.units.front().failure);
    CHECK(report.units.front().failed_stage == Stage::test);
    CHECK(report.units.front().tests.empty());
}
