// SPDX-License-Identifier: Apache-2.0
#include "commands/run_stages.hpp"

#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "views/common.hpp"
#include "views/run_view.hpp"
#include "views/stage_views.hpp"

namespace pyfops::cli {

Resolver resolver_of(const Arguments& arguments) {
    return arguments.value("resolver") == "pip" ? Resolver::pip : Resolver::uv;
}

int run_stages(const Arguments& arguments, Console& console, const std::string& command, Stage last,
               bool test_only) {
    Session session(arguments, console);
    const Project& project = session.checked_project();
    session.selection();
    Engine& engine = session.engine(last, true);
    RunRequest request = session.request(command, last);
    request.test_only = test_only;
    request.repeat = static_cast<int>(arguments.number("repeat", 1, 100'000, 1));
    request.resolver = resolver_of(arguments);
    request.update_lock = arguments.has("update");
    const RunReport report = engine.run(session.pipeline(true).run(request));
    session.finish_progress();

    const RunView view{command, project.name, session.realm(), report, session.notices()};
    // The table first: remarks refer to its rows, also when both go to one terminal.
    if (console.json()) {
        console.result(run_json(view));
    } else {
        console.result(run_table(view, console.out()));
    }
    const std::string remarks = run_remarks(view, console.err().colour);
    report.succeeded() ? console.note(remarks) : console.error(remarks);
    return exit_code(report);
}

int run_build(const Arguments& arguments, Console& console, Stage last, const std::string& output) {
    Session session(arguments, console);
    const Project& project = session.checked_project();
    session.selection();
    Engine& engine = session.engine(last, false);
    RunRequest request = session.request(last == Stage::wrap ? "wrap" : "package", last);
    request.resolver = resolver_of(arguments);
    request.update_lock = arguments.has("update");
    if (!output.empty()) request.output = std::filesystem::absolute(output);
    const RunReport report = engine.run(session.pipeline(false).run(request));
    session.finish_progress();

    const auto rows = implementations(report, output, last);
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
