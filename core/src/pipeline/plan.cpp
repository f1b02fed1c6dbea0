// SPDX-License-Identifier: Apache-2.0
// What `deploy` would do: packages are built, the clouds are asked, nothing is changed.
#include "pipeline/run.hpp"
#include "pipeline/task_group.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <utility>

namespace pyfops {

std::string_view to_string(PlannedAction action) noexcept {
    switch (action) {
    case PlannedAction::create:
        return "create";
    case PlannedAction::update:
        return "update";
    case PlannedAction::unchanged:
        return "unchanged";
    case PlannedAction::unknown:
        return "unknown";
    case PlannedAction::fail:
        return "fail";
    }
    return "unknown";
}

namespace {

Task<void> compare_with_cloud(Run& run, const Unit& unit, PlannedUnit& row) {
    StageContext context = run.context(unit);
    const auto& base = run.request().project.directory;
    auto resolving = resolve_environment(unit, base, context);
    const ResolvedEnvironment environment = co_await std::move(resolving);
    auto finding = run.find(unit);
    const std::optional<Deployment> found = co_await std::move(finding);
    if (!found) {
        row.action = PlannedAction::create;
        row.reason = "not deployed";
        co_return;
    }
    const std::string hash =
        deployment_hash(unit, run.implementation(unit).package->content_hash, environment, base);
    const bool same_mark = found->mark.content_hash == hash;
    // Somebody may have changed it by hand: the mark tells only what we wrote.
    const bool drifted = (!unit.automatic() && found->memory_mb != unit.target.memory_mb) ||
                         found->timeout_seconds != unit.target.timeout_seconds;
    row.action = same_mark && !drifted ? PlannedAction::unchanged : PlannedAction::update;
    row.reason = !same_mark ? "content or configuration differs"
                 : drifted  ? fmt::format("changed behind our back: {} MB and {} s instead of {} MB and {} s",
                                          found->memory_mb, found->timeout_seconds, unit.target.memory_mb,
                                          unit.target.timeout_seconds)
                            : "same content and configuration";
}

Task<void> plan_unit(Run& run, const Unit& unit, const UnitReport& built, PlannedUnit& row,
                     Semaphore& places) {
    if (built.failure) {
        row.action = PlannedAction::fail;
        row.reason = built.failure->what();
        row.failure = built.failure;
        co_return;
    }
    row.package_bytes = run.implementation(unit).package->archive.size();
    std::exception_ptr failure;
    try {
        auto turn = places.enter();
        const auto place = co_await std::move(turn);
        auto comparing = compare_with_cloud(run, unit, row);
        co_await std::move(comparing);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        row.action = PlannedAction::unknown;
        row.failure = to_error(failure);
        row.reason = row.failure->what();
    }
}

} // namespace

Task<std::vector<PlannedUnit>> Pipeline::plan(RunRequest request) {
    Recorder recorder(host_, nullptr, nullptr);
    Run run(host_, plugins_, recorder, request);
    run.expand_units();
    RunReport built;
    built.units.resize(run.units().size());
    auto building = run.build(built, Stage::package);
    co_await std::move(building);

    std::vector<PlannedUnit> planned;
    for (const Unit& unit : run.units())
        planned.push_back({unit.target, PlannedAction::unknown, "", 0, {}});
    Places places(request.jobs);
    TaskGroup asking(co_await boost::asio::this_coro::executor);
    for (std::size_t i = 0; i < planned.size(); ++i)
        asking.spawn(plan_unit(run, run.units()[i], built.units[i], planned[i],
                               places.of(run.units()[i].provider->info())));
    co_await asking.join();
    co_return planned;
}

} // namespace pyfops
