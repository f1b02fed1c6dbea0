// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"
#include "views/stage_views.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

namespace pyfops::cli {

namespace {

/// One line from the terminal; "" at its end.
std::string answer() {
    std::string line;
    for (char c = 0; ::read(0, &c, 1) == 1 && c != '\n';)
        line += c;
    return line;
}

bool agreed(Session& session) {
    Console& console = session.console();
    if (session.arguments().has("yes")) return true;
    if (!console.stdin_is_terminal())
        throw Error(ErrorKind::invalid_input,
                    "destroy asks before it removes anything, and nobody can answer here")
            .hint("add --yes");
    const std::string where = session.realm() == Realm::local ? "the local cloud" : "the real clouds";
    const std::string what =
        session.selection().everything()
            ? std::string("everything that is deployed")
            : fmt::format("what --only selects ({})", fmt::join(session.arguments().values("only"), "; "));
    console.error(fmt::format(
        "This removes {} of project '{}' from {}. The record keeps the rows.\nType 'yes' to go on:",
        escape_control(what), session.project().name, where));
    return answer() == "yes";
}

} // namespace

int run_destroy(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const Project& project = session.project();
    if (!agreed(session)) {
        console.error("nothing was removed");
        return something_failed;
    }
    Engine& engine = session.engine(Stage::deploy, true);
    const DestroyReport report =
        engine.run(session.pipeline(true).destroy(session.request("destroy", Stage::deploy)));
    session.finish_progress();

    std::vector<ErrorKind> failures;
    std::vector<std::pair<std::string, Error>> reasons;
    const auto failed = [&](const std::string& what, const Error& failure) {
        failures.push_back(failure.kind());
        reasons.emplace_back(what, failure);
    };
    for (const DestroyOutcome& outcome : report.deployments)
        if (outcome.failure)
            failed(outcome.identity.function + " " + place_of(outcome.identity), *outcome.failure);
    const std::size_t removed = report.deployments.size() - failures.size();
    for (const UnaskedPlace& place : report.places)
        failed(place.provider + "/" + place.region, place.failure);
    if (report.record_failure) failed("the record", *report.record_failure);
    if (console.json()) {
        console.result(destroy_json(report, project.name, session.realm()));
    } else if (report.deployments.empty() && report.succeeded()) {
        console.result("there is nothing to remove\n");
    } else {
        console.result(destroy_table(report, console.out()));
    }
    console.error(render_failures(reasons, console.err().colour));
    return exit_code(failures, removed);
}

} // namespace pyfops::cli
