// SPDX-License-Identifier: Apache-2.0
#include "pyfops/pipeline.hpp"

#include "pipeline/recorder.hpp"
#include "pipeline/run.hpp"

#include <fmt/format.h>

#include <utility>

namespace pyfops {

Pipeline::Pipeline(Host& host, PluginRegistry& plugins, Store* store, Journal* journal)
    : host_(host),
      plugins_(plugins),
      store_(store),
      journal_(journal) {}

namespace {

std::string summary(const RunReport& report) {
    std::size_t failed = 0, cancelled = 0;
    for (const UnitReport& unit : report.units) {
        const bool stopped = unit.failure && unit.failure->kind() == ErrorKind::cancelled;
        cancelled += stopped ? 1 : 0;
        failed += unit.succeeded() || stopped ? 0 : 1;
    }
    std::string text = fmt::format("{} deployment{}, {} failed", report.units.size(),
                                   report.units.size() == 1 ? "" : "s", failed);
    if (report.cancelled) text += fmt::format(", {} cancelled", cancelled);
    return text;
}

} // namespace

Task<RunReport> Pipeline::run(RunRequest request) {
    Recorder recorder(host_, request.last >= Stage::deploy ? store_ : nullptr, journal_);
    Run run(host_, plugins_, recorder, request);
    run.expand_units();
    auto beginning = recorder.begin(request);
    co_await std::move(beginning);
    auto recalling = run.recall();
    co_await std::move(recalling);
    auto executing = run.execute();
    RunReport report = co_await std::move(executing);
    auto finishing = recorder.finish(report.succeeded(), summary(report));
    report.record_failure = co_await std::move(finishing);
    co_return report;
}

} // namespace pyfops
