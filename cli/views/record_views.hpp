// SPDX-License-Identifier: Apache-2.0
// What `list`, `invoke`, `logs` and `db migrate` show.
#pragma once

#include "frame/console.hpp"
#include "pyfops/pipeline.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

/// A deployment, by the record or by the cloud.
struct ListRow {
    FdIdentity identity;
    std::string cloud_name;
    /// "deployed", "intent", "failed", "destroyed"; "found" when the cloud was asked, "unknown" of a place
    /// that could not be
    std::string state;
    std::string link;
    int memory_mb = 0;
    int timeout_seconds = 0;
    std::optional<int> minimum_memory_mb;
    std::optional<std::size_t> package_bytes;
    std::optional<Milliseconds> deployment_time;
    std::string updated;
    std::optional<Error> failure; ///< of "unknown"
};
ListRow row_of(const DeploymentRecord& record);
ListRow row_of(const Deployment& deployment);
/// A whole place: '*' stands for what it may hold.
ListRow row_of(const UnaskedPlace& place, const std::string& project, Realm realm);

std::string list_table(const std::vector<ListRow>& rows, bool with_project, const StreamTraits& out);
/// pyfops.list/1; `source` is the database's name or "cloud".
json::object list_json(const std::vector<ListRow>& rows, const std::string& source);

/// pyfops.invoke/1
json::object invoke_json(const Invocation& call, const std::string& function);
/// The function's error as its author wants to see it: type, message, stack; ends with a line end.
std::string render(const FunctionError& error, bool colour);
/// "12 ms, cold start 140 ms, 38 MB used of ..."; one line about the call.
std::string invoke_remarks(const Invocation& call);

/// pyfops.logs/1
json::object logs_json(const std::vector<LogLine>& lines);

/// pyfops.database/1
json::object schema_json(const SchemaReport& report, const std::string& database, bool migrated);

} // namespace pyfops::cli
