// SPDX-License-Identifier: Apache-2.0
// The order of the stages: wrap and package once per function implementation, then every deployment of it.
#include "pipeline/run.hpp"

#include "base/first_error.hpp"
#include "pipeline/check.hpp"
#include "pipeline/stage_call.hpp"
#include "pipeline/task_group.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;

Run::Run(Host& host, PluginRegistry& plugins, Recorder& recorder, const RunRequest& request)
    : host_(host),
      plugins_(plugins),
      recorder_(recorder),
      request_(request),
      reading_(1),
      places_(request.jobs) {}

void Run::expand_units() {
    Diagnostics diagnostics;
    const std::string today = to_iso8601(host_.clock.system_now()).substr(0, 10);
    units_ = expand(request_.project, request_.selection, request_.realm, plugins_, today, diagnostics);
    if (diagnostics.has_errors())
        throw Error(ErrorKind::invalid_input, first_error(diagnostics).summary)
            .hint("'pyfops validate' shows every finding with its place");
    if (request_.last >= Stage::deploy)
        for (const Unit& unit : units_)
            require_stand_in(host_, request_.realm, unit.target.identity.provider);
    if (request_.tuning == Tuning::always) keep_automatic_units();
    if (units_.empty())
        throw Error(ErrorKind::invalid_input, request_.selection.everything()
                                                  ? "the project lists no deployments"
                                                  : "--only matches no deployment of the project")
            .hint(request_.selection.everything() ? "add 'deployments:' to the project file"
                                                  : "'pyfops plan' lists them all");
}

void Run::keep_automatic_units() {
    if (units_.empty()) return;
    const std::size_t all = units_.size();
    std::erase_if(units_, [](const Unit& unit) { return !unit.automatic(); });
    if (units_.empty())
        throw Error(ErrorKind::invalid_input, "every deployment here has a fixed memory")
            .hint("write 'memory: auto' for what is to be tuned");
    if (const std::size_t fixed = all - units_.size(); fixed > 0)
        host_.observer.on(
            Notice{{}, fmt::format("{} of {} deployments have a fixed memory and are left out", fixed, all)});
}

std::map<std::string, Run::Group> Run::groups() const {
    std::map<std::string, Group> groups;
    for (std::size_t i = 0; i < units_.size(); ++i)
        groups[units_[i].implementation_key()].members.push_back(i);
    return groups;
}

void Run::announce_automatic_memory() {
    std::set<std::string> said;
    for (const Unit& unit : units_) {
        const DeploymentRecord* record = recorded(unit);
        if (!unit.automatic() || tunes(unit) || (record && record->minimum_memory_mb)) continue;
        const FdIdentity& identity = unit.target.identity;
        const bool untested = request_.tuning != Tuning::never;
        if (!said.insert((untested ? identity.function : "") + "/" + identity.provider).second) continue;
        const std::string size =
            fmt::format("{} MB, the standard of {}", unit.target.memory_mb, identity.provider);
        host_.observer.on(Notice{
            {untested ? identity.function : "", identity.provider, "", ""},
            untested ? fmt::format("'{}' has no tests to find its minimum memory by: it gets {}",
                                   identity.function, size)
                     : fmt::format("memory: auto deploys with {}; 'pyfops tune' finds the minimum", size)});
    }
}

Task<RunReport> Run::execute() {
    RunReport report;
    for (const Unit& unit : units_) {
        UnitReport row;
        row.identity = unit.target.identity;
        row.cloud_name = unit.target.cloud_name;
        row.target = unit.target;
        report.units.push_back(std::move(row));
    }
    host_.observer.on(RunStarted{units_.size()});
    if (request_.last >= Stage::deploy && !request_.test_only) announce_automatic_memory();

    TaskGroup running(co_await asio::this_coro::executor);
    const auto all = groups();
    for (const auto& [key, group] : all)
        running.spawn(group_to_end(group, report));
    co_await running.join();
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    report.cancelled = cancellation.cancelled() != asio::cancellation_type::none;
    for (const UnitReport& unit : report.units)
        report.cancelled = report.cancelled || (unit.failure && unit.failure->kind() == ErrorKind::cancelled);

    const auto succeeded = static_cast<std::size_t>(std::count_if(
        report.units.begin(), report.units.end(), [](const auto& unit) { return unit.succeeded(); }));
    host_.observer.on(RunFinished{succeeded, report.units.size() - succeeded});
    co_return report;
}

Task<void> Run::build(RunReport& report, Stage last) {
    TaskGroup running(co_await asio::this_coro::executor);
    const auto all = groups();
    for (const auto& [key, group] : all)
        running.spawn(build_group(group, report, last));
    co_await running.join();
}

Task<void> Run::group_to_end(const Group& group, RunReport& report) {
    if (!request_.test_only) {
        auto building = build_group(group, report, std::min(request_.last, Stage::package));
        co_await std::move(building);
    }
    if (request_.last < Stage::deploy || report.units[group.members.front()].failure) co_return;
    TaskGroup running(co_await asio::this_coro::executor);
    for (const std::size_t index : group.members)
        running.spawn(unit_to_end(index, report.units[index]));
    co_await running.join();
}

Task<SourceTree> Run::source(const FunctionSpec& function) {
    // One at a time: several functions share a code base, which is then read once.
    auto turn = reading_.enter();
    const auto place = co_await std::move(turn);
    const std::string key = function.source.string();
    if (const auto known = sources_.find(key); known != sources_.end()) co_return known->second;
    std::function<SourceTree()> read = [path = function.source] { return read_tree(path); };
    auto reading = host_.workers.call(std::move(read));
    SourceTree tree = co_await std::move(reading);
    co_return sources_.emplace(key, std::move(tree)).first->second;
}

namespace {

Task<std::string> wrap(Task<SourceTree> source, const Unit& unit, StageContext context,
                       Implementation& result) {
    const SourceTree tree = co_await std::move(source);
    const WrapRequest request{*unit.function, tree, unit.target, *unit.settings, unit.companions};
    auto wrapping = unit.provider->wrapper().wrap(request, context);
    auto guarded = stage_call(context.host, context.deadline, "wrapping " + unit.name(), std::move(wrapping));
    result.wrapped = co_await std::move(guarded);
    co_return std::to_string(result.wrapped->files().size()) + " files";
}

} // namespace

DependencyRequest Run::dependencies(const Unit& unit) const {
    const FunctionSpec& function = *unit.function;
    DependencyRequest request;
    request.requirements = function.requirements;
    if (!function.requirements.empty())
        request.label = function.requirements.lexically_relative(request_.project.directory).generic_string();
    request.platform = platform_of(unit.target);
    request.lock_file = request_.project.directory / "pyfops.lock";
    request.resolver = request_.resolver;
    request.update = request_.update_lock;
    return request;
}

Task<void> Run::require_handler(const Unit& unit, const FunctionSpec& function) {
    auto checking = check(unit, function);
    for (const HandlerProblem& problem : co_await std::move(checking)) {
        const std::string text = describe(problem);
        if (!problem.warning)
            throw Error(ErrorKind::invalid_input, text)
                .hint(problem.hint)
                .context("checking the handler of '" + function.name + "'");
        host_.observer.on(Notice{unit.subject(), text});
    }
}

Task<std::string> Run::package(const Unit& unit, Implementation& result) {
    StageContext stage = context(unit);
    const PackageRequest request{*unit.function, *result.wrapped, unit.target, dependencies(unit),
                                 *unit.settings};
    auto packaging = unit.provider->packager().package(request, stage);
    auto guarded = stage_call(host_, stage.deadline, "packaging " + unit.name(), std::move(packaging));
    result.package = co_await std::move(guarded);
    // What cannot be imported here is not uploaded; a package that is only looked at is not run.
    if (request_.check_handlers && request_.last >= Stage::deploy) {
        auto checking = require_handler(unit, *unit.function);
        co_await std::move(checking);
        for (const FunctionSpec* companion : unit.companions) {
            auto theirs = require_handler(unit, *companion);
            co_await std::move(theirs);
        }
    }
    co_return std::to_string(result.package->archive.size()) + " bytes";
}

Task<void> Run::build_group(const Group& group, RunReport& report, Stage last) {
    // The first unit stands for all: they share everything up to the package.
    const Unit& unit = units_[group.members.front()];
    UnitReport& row = report.units[group.members.front()];
    Implementation& result = implementation(unit);
    auto wrapping = staged(unit, row, Stage::wrap, wrap(source(*unit.function), unit, context(unit), result));
    co_await std::move(wrapping);
    if (!row.failure && last >= Stage::package) {
        auto packaging = staged(unit, row, Stage::package, package(unit, result));
        co_await std::move(packaging);
    }
    std::exception_ptr failure;
    if (!row.failure && !request_.output.empty()) {
        try {
            auto writing = write_output(unit, last);
            row.written = co_await std::move(writing);
        } catch (...) {
            failure = std::current_exception();
        }
    }
    if (failure) {
        row.failure = to_error(failure);
        row.failed_stage = last;
    }
    for (const std::size_t index : group.members) {
        UnitReport& other = report.units[index];
        other.reached = row.reached;
        other.failure = row.failure;
        other.failed_stage = row.failed_stage;
        other.package = result.package;
        other.written = row.written;
    }
}

Task<std::filesystem::path> Run::write_output(const Unit& unit, Stage last) {
    const Implementation& result = implementation(unit);
    std::filesystem::path path = request_.output / unit.target.identity.provider / unit.implementation();
    if (last != Stage::wrap) path += result.package->suffix;
    std::function<void()> work = [&] {
        if (last == Stage::wrap) {
            std::error_code failure;
            std::filesystem::create_directories(path, failure);
            if (failure)
                throw Error(ErrorKind::invalid_input,
                            fmt::format("cannot create '{}': {}", path.string(), failure.message()))
                    .hint("name another folder with --output");
            write_tree(*result.wrapped, path);
        } else {
            write_file(path, result.package->archive.view());
        }
    };
    auto writing = host_.workers.run(std::move(work));
    co_await std::move(writing);
    co_return path;
}

Task<void> Run::unit_to_end(std::size_t index, UnitReport& report) {
    Unit& unit = units_[index];
    std::exception_ptr failure;
    std::optional<Semaphore::Place> resource, place;
    std::optional<FileLock> tuning_lock;
    try {
        if (tunes(unit)) {
            auto locking = lock_tuning(unit);
            tuning_lock = co_await std::move(locking);
        }
        auto alone = resources_.try_emplace(unit.resource_key(), 1).first->second.enter();
        resource = co_await std::move(alone);
        auto turn = places_.of(unit.provider->info()).enter();
        place = co_await std::move(turn);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        report.failure = to_error(failure);
        report.failed_stage = Stage::deploy;
        co_return;
    }
    if (unit.automatic()) unit.target.memory_mb = std::max(unit.target.memory_mb, needed_by_companions(unit));
    auto deploying = deploy(unit, report);
    co_await std::move(deploying);
    if (report.failure || request_.last < Stage::test) co_return;
    if (tunes(unit)) {
        // Who waits for another region's search keeps nobody from working.
        place.reset();
        auto tuning = tune(unit, report);
        co_await std::move(tuning);
        if (report.failure) co_return;
        auto again = places_.of(unit.provider->info()).enter();
        place = co_await std::move(again);
    }
    auto testing = test_to_end(unit, report);
    co_await std::move(testing);
}

Task<void> Run::staged(const Unit& unit, UnitReport& report, Stage stage, Task<std::string> work) {
    StageRecord record;
    record.identity = unit.target.identity;
    record.stage = stage;
    record.started = host_.clock.system_now();
    const SteadyTime started = host_.clock.steady_now();
    host_.observer.on(StageStarted{unit.subject(), stage});
    std::exception_ptr failure;
    try {
        record.outcome = co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
    // A cancelled unit is recorded too.
    co_await asio::this_coro::throw_if_cancelled(false);
    if (failure) {
        // The other tasks of this unit's group see the cancellation by themselves.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        report.failure = to_error(failure);
        report.failed_stage = stage;
        record.error_kind = to_string(report.failure->kind());
        record.message = report.failure->what();
    } else {
        report.reached = stage;
    }
    record.succeeded = !failure;
    record.duration = std::chrono::duration_cast<Milliseconds>(host_.clock.steady_now() - started);
    host_.observer.on(StageFinished{
        unit.subject(), stage, record.duration,
        failure ? std::optional<std::string>(report.failure->what()) : std::nullopt, record.outcome});
    std::exception_ptr storage;
    try {
        auto recording = recorder_.stage(std::move(record));
        co_await std::move(recording);
    } catch (...) {
        storage = std::current_exception();
    }
    if (storage && !report.failure) {
        report.failure = to_error(storage);
        report.failed_stage = Stage::record;
    }
    if (!failure) co_await asio::this_coro::throw_if_cancelled(true);
}

bool UnitReport::succeeded() const noexcept {
    return !failure &&
           std::all_of(tests.begin(), tests.end(), [](const TestOutcome& test) { return test.passed; });
}

bool RunReport::succeeded() const noexcept {
    return !cancelled && !record_failure &&
           std::all_of(units.begin(), units.end(), [](const UnitReport& unit) { return unit.succeeded(); });
}

} // namespace pyfops
