// SPDX-License-Identifier: Apache-2.0
#include "commands/run_stages.hpp"

#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/system.hpp"
#include "views/common.hpp"
#include "views/junit_view.hpp"
#include "views/run_view.hpp"
#include "views/stage_views.hpp"
#include "views/tune_view.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace pyfops::cli {

Resolver resolver_of(const Arguments& arguments) {
    return arguments.value("resolver") == "pip" ? Resolver::pip : Resolver::uv;
}

namespace {

/// What the options ask for besides the project file; read before anything is begun.
struct Wishes {
    Budget budget; ///< what is set here overrides the project's
    TuneChanges tune_changes;
    int repeat = 1;
};

Budget budget_of(const Arguments& arguments) {
    Budget budget;
    if (arguments.has("max-invocations"))
        budget.max_invocations = arguments.number("max-invocations", 1, 1'000'000'000, 1);
    if (arguments.has("max-cost")) {
        const std::string text = arguments.value("max-cost");
        double usd = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), usd);
        if (failure != std::errc() || end != text.data() + text.size() || !(usd > 0))
            throw Error(ErrorKind::invalid_input,
                        "option '--max-cost' needs a number of USD above 0, not '" + text + "'");
        budget.max_cost_usd = usd;
    }
    return budget;
}

int repeats(const Arguments& arguments, int most) {
    return static_cast<int>(arguments.number("repeat", 1, most, 1));
}

TuneChanges tune_changes(const Arguments& arguments) {
    TuneChanges changes;
    const std::string objective = arguments.value("objective");
    for (const Objective one : {Objective::minimum, Objective::cost, Objective::speed, Objective::balanced})
        if (to_string(one) == objective) changes.objective = one;
    if (arguments.has("repeat")) changes.repeat = repeats(arguments, 100);
    changes.exact = arguments.has("exact");
    return changes;
}

/// Told before anything is deployed.
std::filesystem::path report_file(const Arguments& arguments) {
    const std::filesystem::path file = arguments.value("junit");
    if (file.empty()) return file;
    std::error_code failure;
    std::filesystem::create_directories(std::filesystem::absolute(file).parent_path(), failure);
    if (failure)
        throw Error(ErrorKind::invalid_input, "cannot write '" + file.string() + "': " + failure.message())
            .hint("name another file with --junit");
    return file;
}

Wishes wishes_of(const Arguments& arguments, const StageCommand& command) {
    Wishes wishes{budget_of(arguments), {}, 1};
    if (command.tuning == Tuning::always) {
        wishes.tune_changes = tune_changes(arguments);
    } else {
        wishes.repeat = repeats(arguments, 100'000);
    }
    return wishes;
}

/// The folder that --output names, or that it could name. Throws Error(invalid_input) when nothing can be
/// written there.
void make_output(const std::filesystem::path& directory) {
    const auto refuse = [&](const std::string& reason) {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("cannot write into '{}': {}", escape_control(directory.string()), reason))
            .hint("name another folder with --output");
    };
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure) refuse(failure.message());
    if (::access(directory.c_str(), W_OK | X_OK) != 0) refuse(std::generic_category().message(errno));
}

RunReport take_through(Session& session, const Arguments& arguments, const StageCommand& command,
                       const Wishes& wishes) {
    Engine& engine = session.engine(command.last, true);
    RunRequest request = session.request(command.name, command.last);
    request.test_only = command.test_only;
    request.tuning = command.tuning;
    request.budget = session.project().budget;
    if (wishes.budget.max_invocations) request.budget.max_invocations = wishes.budget.max_invocations;
    if (wishes.budget.max_cost_usd) request.budget.max_cost_usd = wishes.budget.max_cost_usd;
    request.tune_changes = wishes.tune_changes;
    request.repeat = wishes.repeat;
    request.resolver = resolver_of(arguments);
    request.update_lock = arguments.has("update");
    RunReport report = engine.run(session.pipeline(true).run(request));
    session.finish_progress();
    return report;
}

} // namespace

int run_stages(const Arguments& arguments, Console& console, const StageCommand& command) {
    const Wishes wishes = wishes_of(arguments, command);
    Session session(arguments, console);
    const std::filesystem::path junit = report_file(arguments);
    const Project& project = session.checked_project();
    RunReport report;
    if (session.nothing_demanded()) {
        console.note(nothing_demanded);
    } else {
        report = take_through(session, arguments, command, wishes);
    }

    const RunView view{command.name, project.name, session.realm(), report, session.notices()};
    // The table first: remarks refer to its rows, also when both go to one terminal.
    if (console.json()) {
        console.result(run_json(view));
    } else if (!report.units.empty()) {
        console.result(run_table(view, console.out()));
        const std::string trails = tune_trails(report);
        command.tuning == Tuning::always ? console.result(trails) : console.note(trails);
    }
    const std::string remarks = run_remarks(view, console.err().colour);
    report.succeeded() ? console.note(remarks) : console.error(remarks);
    if (!junit.empty()) write_file(junit, junit_xml(view));
    return exit_code(report);
}

int run_build(const Arguments& arguments, Console& console, Stage last, const std::string& output) {
    Session session(arguments, console);
    const Project& project = session.checked_project();
    if (!output.empty()) make_output(std::filesystem::absolute(output));
    Engine& engine = session.engine(last, false);
    RunRequest request = session.request(last == Stage::wrap ? "wrap" : "package", last);
    request.resolver = resolver_of(arguments);
    request.update_lock = arguments.has("update");
    if (!output.empty()) request.output = std::filesystem::absolute(output);
    const RunReport report = engine.run(session.pipeline(false).run(request));
    session.finish_progress();

    const auto rows = implementations(report, output);
    if (console.json()) {
        console.result(implementation_json(rows, last, project.name, report.succeeded()));
    } else {
        console.result(implementation_table(rows, last, console.out()));
        if (last == Stage::package && !console.options().quiet) console.result(biggest_parts(rows));
    }
    const RunView view{request.command, project.name, session.realm(), report, session.notices()};
    const std::string remarks = run_remarks(view, console.err().colour);
    report.succeeded() ? console.note(remarks) : console.error(remarks);
    return exit_code(report);
}

} // namespace pyfops::cli
