// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/run_stages.hpp"
#include "frame/session.hpp"
#include "views/stage_views.hpp"

namespace pyfops::cli {

int run_plan(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const Project& project = session.checked_project();
    session.selection();
    std::vector<PlannedUnit> units;
    if (session.nothing_demanded()) {
        console.note(nothing_demanded);
    } else {
        Engine& engine = session.engine(Stage::deploy, true);
        RunRequest request = session.request("plan", Stage::deploy);
        request.resolver = resolver_of(arguments);
        units = engine.run(session.pipeline(false).plan(request));
        session.finish_progress();
    }

    if (console.json()) {
        console.result(plan_json(units, project.name, session.realm()));
    } else if (!units.empty()) {
        console.result(plan_table(units, console.out()));
    }
    console.note(plan_remarks(units, session.notices(), console.err().colour) + plan_summary(units));
    return exit_code(units);
}

} // namespace pyfops::cli
