// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/recorded.hpp"
#include "commands/run_stages.hpp"
#include "frame/session.hpp"
#include "pyfops/utf8.hpp"
#include "views/stage_views.hpp"

#include <fmt/format.h>

#include <set>

namespace pyfops::cli {

namespace {

/// What is recorded as deployed and no longer asked for: no deploy touches it.
std::vector<FdIdentity> unlisted(Session& session, const std::vector<PlannedUnit>& units) {
    std::vector<FdIdentity> found;
    if (session.arguments().has("from-database")) return found;
    std::set<FdIdentity> planned;
    for (const PlannedUnit& unit : units)
        planned.insert(unit.target.identity);
    try {
        if (!has_record(session)) return found;
        for (const DeploymentRecord& record :
             session.store().deployments({session.project().name, session.realm(), false}))
            if (record.deployed && session.selection().matches(record.identity) &&
                !planned.contains(record.identity))
                found.push_back(record.identity);
    } catch (const Error& failure) {
        // A plan needs no record.
        if (failure.kind() != ErrorKind::storage) throw;
    }
    return found;
}

std::string unlisted_remark(const std::vector<FdIdentity>& identities, Realm realm) {
    std::string text;
    for (const FdIdentity& identity : identities)
        text += fmt::format("{} {}/{} is deployed and not in the project any more\n",
                            escape_control(identity.function), escape_control(identity.provider),
                            escape_control(identity.region));
    if (!text.empty())
        text +=
            fmt::format("  = 'pyfops destroy{} --only function={}' removes it\n",
                        realm == Realm::local ? " --local" : "", escape_control(identities.front().function));
    return text;
}

} // namespace

int run_plan(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const Project& project = session.checked_project();
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

    const std::vector<FdIdentity> others = unlisted(session, units);
    if (console.json()) {
        console.result(plan_json(units, others, project.name, session.realm()));
    } else if (!units.empty()) {
        console.result(plan_table(units, console.out()));
    }
    console.note(plan_remarks(units, session.notices(), console.err().colour) +
                 unlisted_remark(others, session.realm()) + plan_summary(units));
    return exit_code(units);
}

} // namespace pyfops::cli
