// SPDX-License-Identifier: Apache-2.0
// The memory of a deployment whose size is automatic: found once per function and provider, and in the other
// regions of the provider confirmed.
#include "pipeline/run.hpp"
#include "pipeline/unit_bench.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/project_state.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;

namespace {

/// For the way back after a failure, when the time of the command may be over.
constexpr Milliseconds time_to_give_back = std::chrono::minutes(2);

std::string found(const TuneReport& tuning) {
    std::string text = fmt::format("{} MB", tuning.chosen_mb);
    if (tuning.minimum_mb && *tuning.minimum_mb != tuning.chosen_mb)
        text += fmt::format(", the minimum is {} MB", *tuning.minimum_mb);
    if (tuning.known) return text + ", as recorded";
    if (!tuning.found_in.empty()) return text + ", as in " + tuning.found_in;
    return text + fmt::format(" after {} probes", tuning.probes.size());
}

} // namespace

Task<void> Run::recall() {
    const bool any =
        std::any_of(units_.begin(), units_.end(), [](const Unit& unit) { return unit.automatic(); });
    if (!any || request_.last < Stage::deploy) co_return;
    DeploymentFilter filter;
    filter.project = request_.project.name;
    filter.realm = request_.realm;
    auto reading = recorder_.deployments(filter);
    for (DeploymentRecord& record : co_await std::move(reading)) {
        const int need = record.minimum_memory_mb.value_or(0);
        needs_[resource_key(record.identity, record.cloud_name)][record.identity.function] = need;
        recorded_.insert_or_assign(record.identity, std::move(record));
    }
    for (Unit& unit : units_) {
        const DeploymentRecord* record = recorded(unit);
        if (!unit.automatic() || !record || !record->deployed) continue;
        if (unit.offer().memory.allows(record->memory_mb))
            unit.target.memory_mb = std::max(record->memory_mb, needed_by_companions(unit));
    }
}

Task<void> Run::adopt_size(Unit& unit) {
    if (!unit.automatic() || recorded(unit)) co_return;
    std::optional<Deployment> found;
    try {
        auto finding = find(unit);
        found = co_await std::move(finding);
    } catch (const Error& failure) {
        // What is being made for the first time, by a neighbour for one, has no size yet.
        if (failure.kind() != ErrorKind::conflict) throw;
    }
    if (found && unit.offer().memory.allows(found->memory_mb)) unit.target.memory_mb = found->memory_mb;
}

const DeploymentRecord* Run::recorded(const Unit& unit) const {
    const auto known = recorded_.find(unit.target.identity);
    return known == recorded_.end() ? nullptr : &known->second;
}

int Run::needed_by_companions(const Unit& unit) const {
    int most = 0;
    const auto sharing = needs_.find(unit.resource_key());
    if (sharing == needs_.end()) return most;
    for (const auto& [function, need] : sharing->second)
        if (function != unit.target.identity.function) most = std::max(most, need);
    return most;
}

bool Run::tunes(const Unit& unit) const {
    if (!unit.automatic()) return false;
    return request_.tuning == Tuning::always ||
           (request_.tuning == Tuning::when_unknown && !unit.tests().empty());
}

Task<FileLock> Run::lock_tuning(const Unit& unit) {
    StageContext stage = context(unit);
    const auto file = state_directory(request_.project.directory, request_.realm) / "tuning" /
                      (sha256_hex(unit.resource_key()).substr(0, 16) + ".lock");
    auto acquiring = FileLock::acquire(file, stage);
    FileLock lock = co_await std::move(acquiring);
    if (lock.waited()) {
        // Whoever held it has most likely found what this run would search for.
        auto recalling = recall();
        co_await std::move(recalling);
    }
    co_return lock;
}

TuneSettings Run::tune_settings(const FunctionSpec& function) const {
    TuneSettings settings = function.tune;
    const TuneChanges& changes = request_.tune_changes;
    settings.objective = changes.objective.value_or(settings.objective);
    settings.repeat = changes.repeat.value_or(settings.repeat);
    settings.exact = settings.exact || changes.exact;
    return settings;
}

bool Run::minimum_is_known(const Unit& unit, const Deployment& deployment) const {
    const DeploymentRecord* record = recorded(unit);
    return record && record->minimum_memory_mb && record->content_hash == deployment.mark.content_hash &&
           record->memory_mb == deployment.memory_mb;
}

Task<void> Run::find_size(const Unit& unit, UnitReport& report) {
    const TuneSettings settings = tune_settings(*unit.function);
    UnitBench bench(*this, unit, *report.deployment, settings, request_.deadline);
    Search& search = searches_[unit.implementation_key() + "/" + unit.target.identity.function];
    auto leading = search.turn.enter();
    std::optional<Semaphore::Place> turn = co_await std::move(leading);
    auto entering = places_.of(unit.provider->info()).enter();
    const auto place = co_await std::move(entering);
    if (search.found) {
        turn.reset();
        auto adopting = bench.resize(search.found->chosen_mb);
        const auto refusal = co_await std::move(adopting);
        if (!refusal) {
            report.tuning->minimum_mb = search.found->minimum_mb;
            report.tuning->chosen_mb = search.found->chosen_mb;
            report.tuning->found_in = search.found->found_in;
            co_return;
        }
        report.tuning->doubts.push_back(fmt::format("{} MB as in {} are refused here: {}",
                                                    search.found->chosen_mb, search.found->found_in,
                                                    *refusal));
    }
    Tuner tuner(bench, unit.offer().memory, report.deployment->memory_mb, settings, *report.tuning,
                [&](const Probe& probe) {
                    context(unit).progress(
                        Stage::tune, fmt::format("{} MB: {}", probe.memory_mb, to_string(probe.verdict)));
                });
    auto searching = tuner.search();
    co_await std::move(searching);
    if (!search.found) {
        search.found = report.tuning;
        search.found->found_in = unit.target.identity.region;
    }
}

Task<std::string> Run::tune_unit(const Unit& unit, UnitReport& report) {
    if (unit.tests().empty())
        throw Error(ErrorKind::invalid_input, "a size is judged by the function's tests, and it has none")
            .hint("add 'tests' to the function in the project file");
    TuneReport& tuning = report.tuning.emplace();
    const int before = report.deployment->memory_mb;
    const bool known = minimum_is_known(unit, *report.deployment);
    if (request_.tuning == Tuning::when_unknown && known) {
        tuning.minimum_mb = recorded(unit)->minimum_memory_mb;
        tuning.chosen_mb = before;
        tuning.known = true;
        co_return found(tuning);
    }
    std::exception_ptr failure;
    try {
        auto finding = find_size(unit, report);
        co_await std::move(finding);
        const int together = std::max(tuning.chosen_mb, needed_by_companions(unit));
        if (together > tuning.chosen_mb) {
            report.notices.push_back(
                fmt::format("it shares its memory with other functions: {} MB instead of {} MB", together,
                            tuning.chosen_mb));
            auto growing = grow(unit, report, together, "which the other functions need");
            co_await std::move(growing);
        }
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        // Also when the run was cancelled, which would keep everything below from starting.
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        const int passed = known ? before : tuning.minimum_mb.value_or(before);
        auto going_back = give_back(unit, report, std::max(passed, needed_by_companions(unit)));
        co_await std::move(going_back);
    }
    needs_[unit.resource_key()][unit.target.identity.function] = report.deployment->memory_mb;
    auto recording = record_tuning(unit, report, 0);
    co_await std::move(recording);
    if (failure) {
        const Error reason = to_error(failure);
        if (reason.kind() != ErrorKind::function_failed) {
            report.notices.push_back(fmt::format("the search for its minimum was stopped: it has {} MB, and "
                                                 "the next 'pyfops tune' searches again",
                                                 report.deployment->memory_mb));
            throw reason;
        }
        // The tests tell the rest, input by input.
        report.notices.push_back(reason.message() + "; " + reason.hint());
        co_return "no minimum";
    }
    for (const std::string& doubt : tuning.doubts)
        report.notices.push_back(doubt);
    co_return found(tuning);
}

Task<void> Run::grow(const Unit& unit, UnitReport& report, int memory_mb, std::string which) {
    UnitBench bench(*this, unit, *report.deployment, unit.function->tune, request_.deadline);
    auto growing = bench.resize(memory_mb);
    if (const auto refusal = co_await std::move(growing))
        throw Error(ErrorKind::limit_exceeded,
                    fmt::format("{} MB, {}, are refused: {}", memory_mb, which, *refusal));
    report.tuning->chosen_mb = memory_mb;
}

/// A deployment is not left at a size that did not pass.
Task<void> Run::give_back(const Unit& unit, UnitReport& report, int memory_mb) {
    Deployment& deployment = *report.deployment;
    report.tuning->minimum_mb.reset(); // what passed so far need not be the smallest
    report.tuning->chosen_mb = memory_mb;
    UnitBench bench(*this, unit, deployment, unit.function->tune,
                    Deadline::after(host_.clock, time_to_give_back));
    std::string problem;
    try {
        auto resizing = bench.resize(memory_mb);
        if (const auto refusal = co_await std::move(resizing)) problem = *refusal;
    } catch (const Error& failure) {
        problem = failure.what();
    }
    if (!problem.empty())
        report.notices.push_back(fmt::format("it was left at {} MB instead of {} MB: {}",
                                             deployment.memory_mb, memory_mb, problem));
}

Task<void> Run::record_tuning(const Unit& unit, const UnitReport& report, std::size_t first_probe) {
    const TuneReport& tuning = *report.tuning;
    for (std::size_t i = first_probe; i < tuning.probes.size(); ++i) {
        const Probe& probe = tuning.probes[i];
        ProbeRecord record;
        record.identity = unit.target.identity;
        record.ordinal = static_cast<int>(i);
        record.memory_mb = probe.memory_mb;
        record.verdict = to_string(probe.verdict);
        record.reason = probe.reason;
        record.peak_mb = probe.peak_mb;
        record.duration_ms = probe.duration_ms;
        record.cost_usd = probe.price_usd;
        record.calls = probe.calls;
        record.doubtful = probe.doubtful;
        record.at = host_.clock.system_now();
        auto recording = recorder_.probe(std::move(record));
        co_await std::move(recording);
    }
    OutcomeRecord outcome = outcome_of(*report.deployment, *report.package);
    outcome.searched = true;
    outcome.minimum_memory_mb = tuning.minimum_mb;
    auto recording = recorder_.outcome(std::move(outcome));
    co_await std::move(recording);
}

Task<void> Run::tune(const Unit& unit, UnitReport& report) {
    auto running = staged(unit, report, Stage::tune, tune_unit(unit, report));
    co_await std::move(running);
}

std::optional<int> Run::next_size(const Unit& unit, const UnitReport& report) const {
    const bool small = std::any_of(report.tests.begin(), report.tests.end(), [](const TestOutcome& test) {
        return !test.passed && shows_small_memory(test.invocation);
    });
    if (!small || report.failure || !report.tuning || !report.tuning->minimum_mb) return std::nullopt;
    const std::vector<int> grid = tuning_grid(unit.offer().memory, report.deployment->memory_mb);
    const auto larger = std::upper_bound(grid.begin(), grid.end(), report.deployment->memory_mb);
    return larger == grid.end() ? std::nullopt : std::optional(*larger);
}

Task<std::string> Run::enlarge(const Unit& unit, UnitReport& report, int memory_mb) {
    TuneReport& tuning = *report.tuning;
    Deployment& deployment = *report.deployment;
    const auto failed =
        std::find_if(report.tests.begin(), report.tests.end(), [](const auto& test) { return !test.passed; });
    Probe probe;
    probe.memory_mb = deployment.memory_mb;
    probe.verdict = Probe::Verdict::too_small;
    probe.reason = fmt::format("'{}': {}", failed->name, failed->reason);
    probe.calls = static_cast<int>(report.tests.size());
    probe.doubtful = true;
    report.notices.push_back(fmt::format(
        "its need changes from run to run: {} MB were enough, and were not when it was tested there ({})",
        deployment.memory_mb, probe.reason));
    tuning.doubts.push_back(report.notices.back());
    tuning.known = false;
    tuning.probes.push_back(std::move(probe));
    auto growing = grow(unit, report, memory_mb, "the next size");
    co_await std::move(growing);
    if (tuning.minimum_mb) tuning.minimum_mb = std::max(*tuning.minimum_mb, memory_mb);
    auto recording = record_tuning(unit, report, tuning.probes.size() - 1);
    co_await std::move(recording);
    co_return found(tuning);
}

Task<void> Run::test_to_end(const Unit& unit, UnitReport& report) {
    for (;;) {
        auto testing = test(unit, report);
        co_await std::move(testing);
        const std::optional<int> larger = next_size(unit, report);
        if (!larger) co_return;
        auto growing = staged(unit, report, Stage::tune, enlarge(unit, report, *larger));
        co_await std::move(growing);
        if (report.failure) co_return;
        report.tests.clear();
    }
}

} // namespace pyfops
