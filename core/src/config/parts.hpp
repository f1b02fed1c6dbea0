// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/reader.hpp"
#include "pyfops/project.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::config {

/// What the readers of the parts share.
struct Context {
    std::filesystem::path directory;       ///< of the project file
    std::string python;                    ///< of the project
    std::vector<std::string> secret_paths; ///< values that must not be shown
    std::string database_password;
};

/// [a-z][a-z0-9-]*, at most 40 characters, no '-' at the end.
bool check_name(const Cursor& cursor, const std::string& name);
/// The nearest name that would be allowed: "My Func" -> "my-func"; "" when there is none.
std::string as_name(std::string_view text);
/// "3.11"; "" after a finding.
std::string read_python(const Cursor& cursor);
MemorySetting read_memory(const Cursor& cursor);

TuneSettings read_tune(const Cursor& cursor);
/// Findings about `providers.<id>.prices`; the values stay among the settings.
void check_prices(const Cursor& cursor);

FunctionSpec read_function(const Cursor& cursor, Context& context);
std::map<std::string, EnvironmentValue> read_environment(const Cursor& cursor, Context& context);
std::vector<TestCase> read_tests(const Cursor& cursor, const Context& context);
/// "2s", "500ms", "1m", or seconds as a number; 1 ms to 1 day. nullopt after a finding.
std::optional<Milliseconds> read_duration(const Cursor& cursor);
Expectation read_expectation(const Cursor& cursor, const Context& context);
/// The file that a path of the project names; nullopt after a finding, `missing` when it is not there.
std::optional<std::filesystem::path> read_file_path(const Cursor& cursor, const Context& context,
                                                    const std::string& missing);
std::vector<DeploymentEntry> read_deployments(const Cursor& cursor,
                                              const std::vector<FunctionSpec>& functions);

/// The keys of each mapping, for findings and for the schema's tests.
extern const std::vector<std::string> project_keys, budget_keys, function_keys, tune_keys, test_keys,
    deployment_keys;
/// What `expect` can have as its one member.
extern const std::vector<std::string> expectation_kinds;

} // namespace pyfops::config
