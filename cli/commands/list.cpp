// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/recorded.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "views/common.hpp"
#include "views/record_views.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

std::vector<ListRow> recorded(Session& session) {
    std::vector<ListRow> rows;
    if (!has_record(session)) return rows;
    for (const DeploymentRecord& record : session.store().deployments(recorded_filter(session)))
        if (session.selection().matches(record.identity)) rows.push_back(row_of(record));
    return rows;
}

/// What the clouds hold, and what could not be asked.
struct Asked {
    std::vector<ListRow> rows;
    std::vector<std::pair<std::string, Error>> reasons;
    int exit_code = all_well;
};

Asked from_cloud(Session& session) {
    const Project& project = session.project();
    Engine& engine = session.engine(Stage::deploy, true);
    // The record only adds places to look at; without one the project's own are asked.
    const bool recording = has_record(session);
    RunRequest request = session.request("list", Stage::deploy);
    const CloudListing listing = engine.run(session.pipeline(recording).list_cloud(request));
    session.finish_progress();
    Asked asked;
    for (const Deployment& deployment : listing.deployments)
        asked.rows.push_back(row_of(deployment));
    std::vector<ErrorKind> failures;
    for (const UnaskedPlace& place : listing.unasked) {
        asked.rows.push_back(row_of(place, project.name, session.realm()));
        asked.reasons.emplace_back(place.provider + "/" + place.region, place.failure);
        failures.push_back(place.failure.kind());
    }
    asked.exit_code = exit_code(failures, listing.asked);
    return asked;
}

std::string nothing_held(Session& session) {
    return fmt::format("{} of this project{}",
                       session.realm() == Realm::local ? "the local cloud holds nothing"
                                                       : "the clouds hold nothing",
                       session.selection().everything() ? "" : " that --only selects");
}

} // namespace

int run_list(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const bool cloud = arguments.has("from-cloud");
    const bool whole_database = arguments.has("all-projects");
    const Asked asked = cloud ? from_cloud(session) : Asked{recorded(session), {}, all_well};
    const std::vector<ListRow>& rows = asked.rows;
    const std::string source = cloud ? "cloud" : session.database_url().str();
    if (console.json()) {
        console.result(list_json(rows, source));
    } else if (!rows.empty()) {
        console.result(list_table(rows, whole_database, console.out()));
    } else {
        console.note(cloud ? nothing_held(session) : why_nothing(session, "deployment", count_deployments));
    }
    console.error(render_failures(asked.reasons, console.err().colour));
    return asked.exit_code;
}

} // namespace pyfops::cli
