// SPDX-License-Identifier: Apache-2.0
// What `wrap`, `package`, `plan` and `destroy` show.
#pragma once

#include "frame/console.hpp"
#include "pyfops/pipeline.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pyfops::cli {

/// A function implementation: what the deployments of one function on one provider and Python share.
struct ImplementationRow {
    const UnitReport* unit = nullptr; ///< the first of them
    std::vector<std::string> regions;
    std::filesystem::path output; ///< where it was written; empty: nowhere
};
std::vector<ImplementationRow> implementations(const RunReport& report, const std::filesystem::path& output);

std::string implementation_table(const std::vector<ImplementationRow>& rows, Stage last,
                                 const StreamTraits& out);
/// The biggest parts of each package, three a package.
std::string biggest_parts(const std::vector<ImplementationRow>& rows);
/// pyfops.wrap/1, pyfops.package/1
json::object implementation_json(const std::vector<ImplementationRow>& rows, Stage last,
                                 const std::string& project, bool succeeded);

/// Without the reasons of what failed: those are told below.
std::string plan_table(const std::vector<PlannedUnit>& units, const StreamTraits& out);
/// "2 to create, 1 unchanged"
std::string plan_summary(const std::vector<PlannedUnit>& units);
/// Failures and notices.
std::string plan_remarks(const std::vector<PlannedUnit>& units, const std::vector<std::string>& notices,
                         bool colour);
int exit_code(const std::vector<PlannedUnit>& units);
/// pyfops.plan/1
json::object plan_json(const std::vector<PlannedUnit>& units, const std::vector<FdIdentity>& unlisted,
                       const std::string& project, Realm realm);

std::string destroy_table(const DestroyReport& report, const StreamTraits& out);
/// pyfops.destroy/1
json::object destroy_json(const DestroyReport& report, const std::string& project, Realm realm);

} // namespace pyfops::cli
