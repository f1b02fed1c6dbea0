// SPDX-License-Identifier: Apache-2.0
// Code Engine API, version 2: projects, functions, secrets and build runs. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/json.hpp"
#include "secret_data.hpp"
#include "settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::ibm::code_engine {

// ---- projects

struct Project {
    std::string id, name, status;
    bool gone() const; ///< deleted, or on the way to it
    bool failed() const { return status == "creation_failed"; }
};
ApiCall list_projects(const std::string& start);
ApiCall create_project(const std::string& name, const std::string& resource_group, const std::string& tag);
ApiCall get_project(const std::string& id);
ApiCall delete_project(const std::string& id);
Project read_project(const json::value& answer);

/// One page of a list; `next` is the token of the following one, "" at the end.
template <class T>
struct Page {
    std::vector<T> items;
    std::string next;
};
Page<Project> read_projects(const json::value& answer);

// ---- functions

/// An entry of run_env_variables: plain text, or a key of a secret.
struct Variable {
    std::string value;
    std::string secret, key; ///< set: a reference
    bool operator==(const Variable&) const = default;
};
using Variables = std::map<std::string, Variable>;

/// What a function is to be.
struct Configuration {
    std::string runtime;
    std::string code_reference;
    std::string code_secret;
    std::string cpu, memory; ///< "0.25", "1G"
    int timeout = 60;
    int scale_down_delay = 1;
    std::string domain_mappings;
    Variables variables;
    bool operator==(const Configuration&) const = default;
};

struct Function {
    std::string name, entity_tag, endpoint, status, reason;
    Configuration configuration;
    bool other_variables = false; ///< references that pyfOps does not make are among its variables

    bool ready() const;
    bool failed() const { return status == "failed"; }
    bool update_failed() const { return reason == "ready_last_update_failed"; }
};
ApiCall list_functions(const std::string& project, const std::string& start);
ApiCall get_function(const std::string& project, const std::string& name);
ApiCall create_function(const std::string& project, const std::string& name,
                        const Configuration& configuration);
/// A merge patch of what differs; fails when the function is not the one of `current` any more.
ApiCall update_function(const std::string& project, const Function& current,
                        const Configuration& configuration);
ApiCall delete_function(const std::string& project, const std::string& name);
Function read_function(const json::value& answer);
Page<Function> read_functions(const json::value& answer);

/// What the region offers now.
ApiCall list_runtimes();
/// "python-3.13", ...
std::vector<std::string> read_runtimes(const json::value& answer);

// ---- secrets

struct StoredSecret {
    std::string entity_tag;
    SecretData data;
};
ApiCall get_secret(const std::string& project, const std::string& name);
/// `format`: generic, registry
ApiCall create_secret(const std::string& project, const std::string& name, const std::string& format,
                      const SecretData& data);
ApiCall replace_secret(const std::string& project, const std::string& name, const std::string& format,
                       const SecretData& data, const std::string& entity_tag);
ApiCall delete_secret(const std::string& project, const std::string& name);
StoredSecret read_secret(const json::value& answer);

// ---- build runs

struct BuildRun {
    std::string status, reason;
    bool done() const { return status == "succeeded"; }
    bool failed() const { return status == "failed"; }
};
ApiCall create_build_run(const std::string& project, const std::string& name, const BuildSettings& build,
                         const std::string& image, const std::string& runtime);
ApiCall get_build_run(const std::string& project, const std::string& name);
ApiCall delete_build_run(const std::string& project, const std::string& name);
BuildRun read_build_run(const json::value& answer);

} // namespace pyfops::ibm::code_engine
