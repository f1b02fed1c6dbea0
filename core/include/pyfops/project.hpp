// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/diagnostics.hpp"
#include "pyfops/export.hpp"
#include "pyfops/function.hpp"
#include "pyfops/json.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

class PluginRegistry;

/// One entry of `deployments:`, or a row of the database in its place.
struct PYFOPS_EXPORT DeploymentEntry {
    std::string provider;
    std::vector<std::string> regions;
    std::vector<std::string> functions;  ///< names; empty: all
    std::optional<MemorySetting> memory; ///< overrides the function's
    std::string path;                    ///< "/deployments/0"
    std::vector<TestCase> tests;         ///< beside those of its functions, and before them
    std::int64_t row = 0;                ///< functiondeployment.id that asks for it; 0: the project does
    bool takes(std::string_view function) const;
};

/// `budget:`, what the calls of a run may come to; none: no bound.
struct Budget {
    std::optional<long long> max_invocations; ///< at least 1
    std::optional<double> max_cost_usd;       ///< above 0; calls whose price is not known do not count
};

/// A project file, checked, with defaults filled in.
struct PYFOPS_EXPORT Project {
    std::filesystem::path file;      ///< absolute path of pyfops.yaml
    std::filesystem::path directory; ///< its folder: every relative path starts here
    std::string name;                ///< project id
    std::string database;            ///< URL or path as written; "" : sqlite:.pyfops/afcl.db
    Budget budget;
    std::vector<FunctionSpec> functions;
    std::vector<DeploymentEntry> deployments;
    std::map<std::string, json::object> providers; ///< settings by provider id

    /// Settings of a provider; empty when there are none.
    const json::object& settings(const std::string& provider) const;
    /// Where a JSON pointer leads in the file, for findings that are made later.
    std::function<SourcePosition(const std::string& path)> locate;
    /// The same for the key before the value: what is wrong with `memry: 1` is the key.
    std::function<SourcePosition(const std::string& path)> locate_key;
};

/// Finds pyfops.yaml (or .yml, .json) in `start` or above. Throws Error(not_found) that says how to make one.
PYFOPS_EXPORT std::filesystem::path find_project_file(const std::filesystem::path& start);

/// Reads and checks a project file without loading any plugin: YAML 1.2 core schema, every unknown key, wrong
/// type, duplicate, missing file. All findings are collected; nothing is thrown for bad content. The
/// returned project is usable only when `diagnostics` has no error.
PYFOPS_EXPORT Project load_project(const std::filesystem::path& file, Diagnostics& diagnostics);

/// Checks what only providers know: ids, regions, memory, timeouts, runtimes, settings. `today` is an ISO
/// date.
PYFOPS_EXPORT void validate_providers(const Project& project, PluginRegistry& plugins,
                                      const std::string& today, Diagnostics& diagnostics);

/// JSON Schema (2020-12) of the project file, for editors. Settings of the providers are included for those
/// that `plugins` can load; nullptr: none.
PYFOPS_EXPORT json::object project_schema(PluginRegistry* plugins);

} // namespace pyfops
