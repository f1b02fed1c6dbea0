// SPDX-License-Identifier: Apache-2.0
#include "views/run_view.hpp"

#include "frame/exit_code.hpp"
#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/answers_view.hpp"
#include "views/common.hpp"
#include "views/tune_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

std::size_t passed(const UnitReport& unit) {
    return static_cast<std::size_t>(
        std::count_if(unit.tests.begin(), unit.tests.end(), [](const auto& test) { return test.passed; }));
}

/// "3.11" when something ran on another Python than the target's, else "".
std::string other_python(const UnitReport& unit) {
    for (const TestOutcome& test : unit.tests) {
        const std::string ran_on = minor_version(test.invocation.ran_on);
        if (!ran_on.empty() && ran_on != unit.target.python) return ran_on;
    }
    return {};
}

const char* colour_of(const UnitReport& unit) {
    if (unit.failure && unit.failure->kind() == ErrorKind::cancelled) return "33";
    return unit.succeeded() ? "32" : "31";
}

std::string unit_name(const UnitReport& unit) {
    return unit.identity.function + " " + place_of(unit.identity);
}

int memory_of(const UnitReport& unit) {
    return unit.deployment ? unit.deployment->memory_mb : unit.target.memory_mb;
}

/// "192 MB", and the minimum beside it where another size was chosen.
std::string memory_text(const UnitReport& unit) {
    const int memory = memory_of(unit);
    std::string text = memory > 0 ? fmt::format("{} MB", memory) : "";
    if (!unit.tuning || !unit.tuning->minimum_mb) return text;
    return *unit.tuning->minimum_mb == memory ? "min " + text
                                              : fmt::format("{}, min {}", text, *unit.tuning->minimum_mb);
}

} // namespace

std::string verdict(const UnitReport& unit) {
    if (unit.failure) {
        if (unit.failure->kind() == ErrorKind::cancelled) return "cancelled";
        return fmt::format("{} failed", unit.failed_stage ? to_string(*unit.failed_stage) : "planning");
    }
    std::string text;
    if (!unit.tests.empty()) {
        text = fmt::format("{}/{} passed", passed(unit), unit.tests.size());
    } else if (unit.deployment) {
        text = unit.reached >= Stage::test ? "no tests" : std::string(to_string(unit.deployment->action));
    } else {
        text = fmt::format("{} done", to_string(unit.reached));
    }
    if (const std::string python = other_python(unit); !python.empty()) text += ", ran on " + python;
    return text;
}

std::string run_table(const RunView& view, const StreamTraits& out) {
    Table table({{"FUNCTION"},
                 {"PROVIDER"},
                 {"REGION"},
                 {"MEMORY", true},
                 {.title = "PACKAGE", .right = true, .spare = 1},
                 {.title = "DEPLOYED IN", .right = true, .spare = 2},
                 {"VERDICT"},
                 {"RESOURCE LINK", false, true}});
    for (const UnitReport& unit : view.report.units) {
        const auto& deployment = unit.deployment;
        std::string time;
        if (deployment && deployment->action != DeployAction::unchanged)
            time = human_duration(deployment->times.total);
        else if (deployment && view.command != "test")
            time = "unchanged";
        table.add({{unit.identity.function},
                   {unit.identity.provider},
                   {unit.identity.region},
                   {memory_text(unit)},
                   {unit.package ? human_size(unit.package->archive.size()) : ""},
                   {time},
                   {verdict(unit), colour_of(unit)},
                   {deployment ? deployment->link : ""}});
    }
    return table.render(out.width, out.colour);
}

std::string run_remarks(const RunView& view, bool colour) {
    std::vector<std::pair<std::string, Error>> failures;
    std::string wrong_answers;
    std::size_t failed = 0;
    std::size_t cancelled = 0;
    std::vector<std::pair<std::string, std::string>> notices;
    for (const std::string& notice : view.notices)
        notices.emplace_back("", notice);
    for (const UnitReport& unit : view.report.units) {
        for (const std::string& notice : unit.notices)
            notices.emplace_back(unit_name(unit), notice);
        if (unit.succeeded()) continue;
        if (unit.failure && unit.failure->kind() == ErrorKind::cancelled) {
            ++cancelled;
            continue;
        }
        ++failed;
        if (unit.failure) {
            failures.emplace_back(unit_name(unit), *unit.failure);
            continue;
        }
        wrong_answers += "\n" + coloured(unit_name(unit), "1", colour) + "\n";
        for (const TestOutcome& test : unit.tests)
            if (!test.passed)
                wrong_answers += fmt::format("{} test '{}': {}\n", coloured("failed:", "31", colour),
                                             escape_control(test.name), escape_control(test.reason));
    }
    if (view.report.record_failure) failures.emplace_back("the record", *view.report.record_failure);
    std::string text = render_failures(failures, colour) + wrong_answers;
    text += render(disagreements(view.report), colour);
    if (const std::string notes = render_notices(notices, colour); !notes.empty()) text += "\n" + notes;
    if (failed > 0 || cancelled > 0) {
        text += fmt::format("\n{} of {} failed", failed, counted(view.report.units.size(), "deployment"));
        if (cancelled > 0) text += fmt::format(", {} cancelled", cancelled);
        text += "\n";
    }
    return text;
}

namespace {

template <class T>
json::value optional_json(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value();
}

json::object to_json(const TestOutcome& test) {
    json::object result;
    result["name"] = test.name;
    result["repetition"] = test.repetition;
    result["passed"] = test.passed;
    result["reason"] = test.reason;
    const Invocation& call = test.invocation;
    result["output"] = call.output ? *call.output : json::value();
    if (call.error) {
        result["error"] = {{"cause", std::string(to_string(call.error->cause))},
                           {"type", call.error->type},
                           {"message", call.error->message}};
    } else {
        result["error"] = nullptr;
    }
    result["round_trip_ms"] = call.round_trip.count();
    result["duration_ms"] = optional_json(call.duration_ms);
    result["init_ms"] = optional_json(call.init_ms);
    result["cold"] = optional_json(call.cold);
    result["memory_used_mb"] = optional_json(call.memory_used_mb);
    result["ran_on"] = call.ran_on;
    return result;
}

json::object to_json(const UnitReport& unit) {
    json::object result = cli::to_json(unit.identity);
    result["cloud_name"] = unit.cloud_name;
    result["memory_mb"] = memory_of(unit);
    result["timeout_s"] = unit.target.timeout_seconds;
    result["python"] = unit.target.python;
    result["runtime"] = unit.target.runtime;
    result["reached"] = std::string(to_string(unit.reached));
    result["succeeded"] = unit.succeeded();
    result["verdict"] = verdict(unit);
    result["failed_stage"] =
        unit.failed_stage ? json::value(std::string(to_string(*unit.failed_stage))) : json::value();
    result["failure"] = cli::to_json(unit.failure);
    if (unit.package) {
        result["package"] = {{"bytes", unit.package->archive.size()},
                             {"unzipped_bytes", unit.package->unzipped_bytes},
                             {"files", unit.package->file_count},
                             {"content_hash", unit.package->content_hash}};
    } else {
        result["package"] = nullptr;
    }
    if (unit.deployment) {
        const Deployment& deployment = *unit.deployment;
        result["deployment"] = {{"action", std::string(to_string(deployment.action))},
                                {"link", deployment.link},
                                {"url", deployment.url},
                                {"upload_ms", deployment.times.upload.count()},
                                {"activation_ms", deployment.times.activation.count()},
                                {"total_ms", deployment.times.total.count()}};
    } else {
        result["deployment"] = nullptr;
    }
    result["tuning"] = unit.tuning ? json::value(cli::to_json(*unit.tuning)) : json::value();
    json::array tests;
    for (const TestOutcome& test : unit.tests)
        tests.push_back(to_json(test));
    result["tests"] = std::move(tests);
    result["notices"] = strings(unit.notices);
    return result;
}

} // namespace

json::object run_json(const RunView& view) {
    json::object result = document("run");
    result["command"] = view.command;
    result["project"] = view.project;
    result["realm"] = std::string(to_string(view.realm));
    result["succeeded"] = view.report.succeeded();
    result["cancelled"] = view.report.cancelled;
    json::array units;
    for (const UnitReport& unit : view.report.units)
        units.push_back(to_json(unit));
    result["deployments"] = std::move(units);
    result["disagreements"] = to_json(disagreements(view.report));
    result["notices"] = strings(view.notices);
    result["record_failure"] = cli::to_json(view.report.record_failure);
    return result;
}

int exit_code(const RunReport& report) {
    if (report.cancelled) return interrupted;
    std::vector<ErrorKind> failures;
    if (report.record_failure) failures.push_back(report.record_failure->kind());
    std::size_t succeeded = 0;
    for (const UnitReport& unit : report.units) {
        if (unit.succeeded()) {
            ++succeeded;
        } else {
            failures.push_back(unit.failure ? unit.failure->kind() : ErrorKind::function_failed);
        }
    }
    return exit_code(failures, succeeded);
}

} // namespace pyfops::cli
