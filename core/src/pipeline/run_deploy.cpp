// SPDX-License-Identifier: Apache-2.0
// One function deployment to its cloud: intent, deploy, outcome.
#include "pipeline/run.hpp"

#include "pipeline/stage_call.hpp"

#include <fmt/format.h>

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
    if (const auto tests = unit.tests(); !tests.empty()) record.first_input = tests.front().get().input;
    record.cloud_name = unit.target.cloud_name;
    record.memory_mb = unit.target.memory_mb;
    record.timeout_seconds = unit.target.timeout_seconds;
    record.row = unit.entry->row;
    return record;
}

Task<std::string> deploy_unit(Run& run, Recorder& recorder, Unit& unit, UnitReport& report) {
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

    auto adopting = run.adopt_size(unit);
    co_await std::move(adopting);
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
            .hint(
                fmt::format("run 'pyfops deploy{}' first", request_.realm == Realm::local ? " --local" : ""));
    co_return std::move(*found);
}

Task<void> Run::deploy(Unit& unit, UnitReport& report) {
    auto running = staged(unit, report, Stage::deploy, deploy_unit(*this, recorder_, unit, report));
    co_await std::move(running);
}

} // namespace pyfops
