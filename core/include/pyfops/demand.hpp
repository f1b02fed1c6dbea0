// SPDX-License-Identifier: Apache-2.0
/// Deployments that the AFCL metadata database asks for, instead of `deployments:` in the project file.
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/target.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

class Diagnostics;
class PluginRegistry;
class Selection;
struct Project;

/// A row of `functiondeployment` that waits to be deployed, with the rows that it leads to. Texts are as they
/// stand in the database, "" where there is nothing: other programs write there too, and nothing is checked
/// yet.
struct DemandRow {
    std::int64_t row = 0; ///< functiondeployment.id
    std::string name;
    std::string link; ///< KMS_Arn
    /// Other rows with that link: "bwaSplitAWSPythonF (12)".
    std::vector<std::string> link_sharers;
    std::string handler; ///< handlerName
    std::string input;   ///< JSON, it should be
    long long memory_mb = 0;
    long long timeout_seconds = 0;
    std::map<std::string, std::string> environment;

    std::string implementation; ///< functionimplementation.name
    std::string implementation_path;
    std::string implementation_provider; ///< provider.name: "AWS"
    std::string language;                ///< language.name: "Python 3.8"
    std::string type_name;               ///< functiontype.name: "bwaSplit"
    std::string type;                    ///< functiontype.type: "bwaSplitType"
    std::string region;                  ///< region.region: "eu-central-1"
    std::string region_provider;         ///< provider.name of the region

    std::string function;               ///< of ours, that the implementation was recorded for
    std::optional<FdIdentity> identity; ///< of ours, that the row was recorded for
};

struct DemandFilter {
    std::string project;
    Realm realm = Realm::real;
    bool redeploy = false; ///< what is deployed and what was destroyed as well
};

/// The project with what `rows` ask for in the place of its `deployments`. A row means the function of the
/// project that its implementation or type names; else that of the folder `implementationFilePath`, when it
/// lies in the project's. Rows that nothing here implements are warnings, rows that cannot be deployed as
/// they are errors (warnings for a selection that may not mean them); either are left out. `database` is
/// named in findings. Loads the plugins. Findings: docs/afcl.md.
PYFOPS_EXPORT Project demanded_project(const Project& project, const std::vector<DemandRow>& rows,
                                       const std::string& database, Realm realm, const Selection& selection,
                                       PluginRegistry& plugins, Diagnostics& diagnostics);

} // namespace pyfops
