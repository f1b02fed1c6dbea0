// SPDX-License-Identifier: Apache-2.0
// The predefined inputs of one function deployment, and what came of them.
#include "pipeline/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pyfops {

namespace {

json::value answer_of(const Invocation& invocation) {
    if (invocation.output) return *invocation.output;
    if (!invocation.error) return nullptr;
    const FunctionError& error = *invocation.error;
    return json::object{
        {"error",
         json::object{{"cause", to_string(error.cause)}, {"type", error.type}, {"message", error.message}}}};
}

} // namespace

Task<TestOutcome> Run::test_once(const Unit& unit, const Deployment& deployment, const TestCase& test,
                                 int repetition) {
    const SystemTime at = host_.clock.system_now();
    auto invoking = invoke(unit, deployment, test, false);
    TestOutcome outcome;
    outcome.name = test.name;
    outcome.repetition = repetition;
    outcome.invocation = co_await std::move(invoking);
    outcome.reason = compare(test, outcome.invocation);
    outcome.passed = outcome.reason.empty();

    TestRecord record;
    record.identity = unit.target.identity;
    record.test = test.name;
    record.repetition = repetition;
    record.passed = outcome.passed;
    record.reason = outcome.reason;
    record.input = test.input;
    record.output = answer_of(outcome.invocation);
    record.round_trip = outcome.invocation.round_trip;
    record.duration_ms = outcome.invocation.duration_ms;
    record.billed_ms = outcome.invocation.billed_ms;
    record.cost_usd = cost_of(unit, deployment.memory_mb, outcome.invocation);
    record.weight = test.weight;
    record.memory_used_mb = outcome.invocation.memory_used_mb;
    record.cold = outcome.invocation.cold;
    record.memory_mb = deployment.memory_mb;
    record.ran_on = outcome.invocation.ran_on;
    record.at = at;
    record.ordinal = static_cast<int>(invocations_);
    auto recording = recorder_.test(std::move(record));
    co_await std::move(recording);
    co_return outcome;
}

namespace {

/// Counts as the stage's outcome: "2/3 passed".
std::string verdict(const std::vector<TestOutcome>& tests) {
    if (tests.empty()) return "no tests";
    const auto passed =
        std::count_if(tests.begin(), tests.end(), [](const auto& test) { return test.passed; });
    return fmt::format("{}/{} passed", passed, tests.size());
}

} // namespace

Task<std::string> Run::test_all(const Unit& unit, UnitReport& report) {
    for (const TestCase& test : unit.tests()) {
        for (int call = 0; call < test.warm_up; ++call) {
            context(unit).progress(Stage::test, fmt::format("{}, warming up", test.name),
                                   report.tests.size());
            auto warming = invoke(unit, *report.deployment, test, false);
            co_await std::move(warming);
        }
        const int repetitions = test.repeat * request_.repeat;
        for (int repetition = 0; repetition < repetitions; ++repetition) {
            context(unit).progress(Stage::test, test.name, report.tests.size());
            auto running = test_once(unit, *report.deployment, test, repetition);
            report.tests.push_back(co_await std::move(running));
        }
    }
    co_return verdict(report.tests);
}

Task<void> Run::test(const Unit& unit, UnitReport& report) {
    auto running = staged(unit, report, Stage::test, test_all(unit, report));
    co_await std::move(running);
}

} // namespace pyfops
