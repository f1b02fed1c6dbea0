// SPDX-License-Identifier: Apache-2.0
// What `report` shows. Each kind comes as a table for people, as a JSON document and as CSV; the columns of
// the CSV are named as the members of the JSON.
#pragma once

#include "frame/console.hpp"
#include "pyfops/json.hpp"
#include "pyfops/store.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

/// Recorded deployments with AFCL's averages: pyfops.report/1.
std::string report_table(const std::vector<DeploymentRecord>& records, bool with_project,
                         const StreamTraits& out);
json::object report_json(const std::vector<DeploymentRecord>& records, const std::string& source);
std::string report_csv(const std::vector<DeploymentRecord>& records, const StreamTraits& out);

/// Commands: pyfops.report-runs/1.
std::string runs_table(const std::vector<RecordedRun>& runs, bool with_project, const StreamTraits& out);
json::object runs_json(const std::vector<RecordedRun>& runs, const std::string& source);
std::string runs_csv(const std::vector<RecordedRun>& runs, const StreamTraits& out);

/// The searches for the minimum memory: pyfops.report-probes/1.
std::string probes_table(const std::vector<ProbeRecord>& probes, bool with_project, const StreamTraits& out);
json::object probes_json(const std::vector<ProbeRecord>& probes, const std::string& source);
std::string probes_csv(const std::vector<ProbeRecord>& probes, const StreamTraits& out);

/// AFCL's four values, and the rows that somebody else wrote: pyfops.report-afcl/1.
std::string afcl_table(const AfclReport& report, const StreamTraits& out);
json::object afcl_json(const AfclReport& report, const std::string& source);
/// The column `kind` tells rows of implementations, deployments and differences apart.
std::string afcl_csv(const AfclReport& report, const StreamTraits& out);

} // namespace pyfops::cli
