// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/reader.hpp"
#include "pyfops/project.hpp"

#include <string>
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
/// "3.11"; "" after a finding.
std::string read_python(const Cursor& cursor);
MemorySetting read_memory(const Cursor& cursor);

FunctionSpec read_function(const Cursor& cursor, Context& context);
std::map<std::string, EnvironmentValue> read_environment(const Cursor& cursor, Context& context);
std::vector<TestCase> read_tests(const Cursor& cursor, const Context& context);
std::vector<DeploymentEntry> read_deployments(const Cursor& cursor,
                                              const std::vector<FunctionSpec>& functions);

/// The keys of each mapping, for findings and for the schema's tests.
extern const std::vector<std::string> project_keys, function_keys, test_keys, deployment_keys;

} // namespace pyfops::config
