// SPDX-License-Identifier: Apache-2.0
// The stages of one function deployment: intent, deploy, outcome, tests.
#include "pipeline/run.hpp"

#include "pipeline/stage_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pyfops {

namespace {

IntentRecord intent_of(const Unit& unit, const Project& project, const ResolvedEnvironment& environment) {
    const FunctionSpec& function = *unit.function;
    const ProviderInfo& provider = unit.provider->info();
    IntentRecord record;
    record.identity = unit.target.identity;
    record.function_type = function.type;
    record.provider_afcl_name = provider.afcl_name;
    record.provider_short = provider.afcl_short;
    for (const RegionInfo& region : provider.regions)
        if (region.code == unit.target.identity.region) record.region_location = region.location;
    record.python = unit.target.python;
    record.runtime = unit.target.runtime;
    record.handler = function.module + ":" + function.callable;
    record.source_path = function.source.lexically_relative(project.directory).generic_string();
    record.description = function.description;
    record.environment = environment.plain;
    if (!function.tests.empty()) record.first_input = function.tests.front().input;
    record.cloud_name = unit.target.cloud_name;
    record.memory_mb = unit.target.memory_mb;
    record.timeout_seconds = unit.target.timeout_seconds;
    return record;
}

OutcomeRecord outcome_of(const Deployment& deployment, const Package& package) {
    OutcomeRecord record;
    record.identity = deployment.identity;
    record.link = deployment.link;
    record.memory_mb = deployment.memory_mb;
    record.timeout_seconds = deployment.timeout_seconds;
    record.package_bytes = package.archive.size();
    record.unzipped_bytes = package.unzipped_bytes;
    record.content_hash = deployment.mark.content_hash;
    record.action = deployment.action;
    record.times = deployment.times;
    return record;
}

Task<std::string> deploy_unit(Run& run, Recorder& recorder, const Unit& unit, UnitReport& report) {
    StageContext context = run.context(unit);
    if (run.request().test_only) {
        auto finding = run.find_deployed(unit);
        report.deployment = co_await std::move(finding);
        co_return "found";
    }
    const auto& project = run.request().project;
    auto resolving = resolve_environment(unit, project.directory, context);
    const ResolvedEnvironment environment = co_await std::move(resolving);
    const Package& package = *run.implementation(unit).package;

    auto intending = recorder.intent(intent_of(unit, project, environment));
    report.notices = co_await std::move(intending);
    for (const std::string& notice : report.notices)
        run.host().observer.on(Notice{unit.subject(), notice});

    const OwnershipMark mark{project.name, unit.target.identity.str(),
                             deployment_hash(unit, package.content_hash, environment, project.directory)};
    const DeployRequest request{*unit.function,      unit.target, package,       environment.plain,
                                environment.secrets, mark,        *unit.settings};
    auto deploying = unit.provider->deployer().deploy(request, context);
    auto guarded = stage_call(run.host(), context.deadline, "deploying " + unit.name(), std::move(deploying));
    report.deployment = co_await std::move(guarded);

    auto outcome = recorder.outcome(outcome_of(*report.deployment, package));
    co_await std::move(outcome);
    co_return std::string(to_string(report.deployment->action));
}

} // namespace

Task<std::optional<Deployment>> Run::find(const Unit& unit) {
    require_stand_in(host_, request_.realm, unit.target.identity.provider);
    StageContext stage = context(unit);
    const FindRequest request{unit.target.identity, unit.target.cloud_name, *unit.settings};
    auto finding = unit.provider->deployer().find(request, stage);
    auto guarded = stage_call(host_, stage.deadline, "looking for " + unit.name(), std::move(finding));
    co_return co_await std::move(guarded);
}

Task<Deployment> Run::find_deployed(const Unit& unit) {
    auto finding = find(unit);
    std::optional<Deployment> found = co_await std::move(finding);
    if (!found)
        throw Error(ErrorKind::not_found, fmt::format("{} is not deployed", unit.name()))
            .hint("run 'pyfops deploy' first");
    co_return std::move(*found);
}

Task<void> Run::deploy(const Unit& unit, UnitReport& report) {
    auto running = staged(unit, report, Stage::deploy, deploy_unit(*this, recorder_, unit, report));
    co_await std::move(running);
}

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
    StageContext stage = context(unit);
    const SystemTime at = host_.clock.system_now();
    const InvokeRequest request{deployment, test.input, false, true, *unit.settings};
    auto invoking = unit.provider->tester().invoke(request, stage);
    auto guarded =
        stage_call(host_, stage.deadline, fmt::format("testing {} with '{}'", unit.name(), test.name),
                   std::move(invoking));
    TestOutcome outcome;
    outcome.name = test.name;
    outcome.repetition = repetition;
    outcome.invocation = co_await std::move(guarded);
    outcome.reason = compare(test.expect, outcome.invocation);
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
    record.memory_used_mb = outcome.invocation.memory_used_mb;
    record.cold = outcome.invocation.cold;
    record.memory_mb = deployment.memory_mb;
    record.ran_on = outcome.invocation.ran_on;
    record.at = at;
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
    for (const TestCase& test : unit.function->tests) {
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
