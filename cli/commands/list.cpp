// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "views/record_views.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

/// False for an SQLite file that is not there yet: looking does not make it.
bool exists(const DatabaseUrl& url) {
    std::error_code failure;
    return url.kind != DatabaseUrl::Kind::sqlite || std::filesystem::exists(url.path, failure);
}

std::vector<ListRow> recorded(Session& session, bool whole_database) {
    std::vector<ListRow> rows;
    if (!exists(session.database_url()) || session.store().check().version == 0) return rows;
    DeploymentFilter filter;
    if (!whole_database) filter.project = session.project().name;
    filter.realm = session.realm();
    filter.with_destroyed = session.arguments().has("all");
    for (const DeploymentRecord& record : session.store().deployments(filter))
        if (session.selection().matches(record.identity)) rows.push_back(row_of(record));
    return rows;
}

std::vector<ListRow> from_cloud(Session& session) {
    session.project();
    Engine& engine = session.engine(Stage::deploy, true);
    // The record only adds places to look at; without one the project's own are asked.
    const bool recording = exists(session.database_url()) && session.store().check().version > 0;
    RunRequest request = session.request("list", Stage::deploy);
    std::vector<ListRow> rows;
    for (const Deployment& deployment : engine.run(session.pipeline(recording).list_cloud(request)))
        rows.push_back(row_of(deployment));
    session.finish_progress();
    return rows;
}

} // namespace

int run_list(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const bool cloud = arguments.has("from-cloud");
    const bool whole_database = arguments.has("all-projects");
    const std::vector<ListRow> rows = cloud ? from_cloud(session) : recorded(session, whole_database);
    const std::string source = cloud ? "cloud" : session.database_url().str();
    if (console.json()) {
        console.result(list_json(rows, source));
    } else if (!rows.empty()) {
        console.result(list_table(rows, whole_database, console.out()));
    } else {
        console.note(cloud ? "the clouds hold nothing of this project"
                           : fmt::format("nothing is recorded in {}", source));
    }
    return all_well;
}

} // namespace pyfops::cli
