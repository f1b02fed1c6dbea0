// SPDX-License-Identifier: Apache-2.0
// The REST API of Apache OpenWhisk, version 1: actions and activations. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/clock.hpp"
#include "pyfops/deployment.hpp"
#include "pyfops/json.hpp"
#include "secret_data.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::ibm::openwhisk {

/// The parameter that brings the environment: OpenWhisk has none of its own.
inline constexpr const char* environment_parameter = "__pyfops_env";

struct Action {
    std::string name, name_space, version;
    std::string kind;
    int memory_mb = 0;
    long long timeout_ms = 0;
    std::map<std::string, std::string> annotations;
    SecretData environment; ///< an action does not tell which of its values are secret
    bool readable = true;   ///< false: it has parameters that pyfOps does not make

    std::optional<OwnershipMark> mark() const;
    std::string code_hash() const;
};

/// What is to be written; members that are left out keep what they are.
struct ActionChange {
    std::string kind;
    std::optional<Bytes> archive; ///< a zip
    int memory_mb = 0;
    int timeout_seconds = 0;
    std::optional<OwnershipMark> mark;
    std::string code_hash; ///< of the archive, kept beside the mark
    std::optional<SecretData> environment;
};

ApiCall list_namespaces();
std::vector<std::string> read_namespaces(const json::value& answer);

ApiCall get_action(const std::string& name_space, const std::string& name);
/// `overwrite` false: a creation, refused when there is one.
ApiCall put_action(const std::string& name_space, const std::string& name, const ActionChange& change,
                   bool overwrite);
ApiCall delete_action(const std::string& name_space, const std::string& name);
ApiCall list_actions(const std::string& name_space, int skip);
inline constexpr int page_size = 200;
Action read_action(const json::value& answer);
std::vector<Action> read_actions(const json::value& answer);

struct Activation {
    std::string id;
    std::string status; ///< "success", "application error", "action developer error", ...
    json::value result;
    std::vector<std::string> logs;
    double duration_ms = 0;
    std::optional<double> init_ms;
    SystemTime start;
};
ApiCall get_activation(const std::string& name_space, const std::string& id);
ApiCall list_activations(const std::string& name_space, const std::string& name, SystemTime since, int limit,
                         int skip);
Activation read_activation(const json::value& answer);
/// "2026-01-02T03:04:05.123456Z stdout: hi"
LogLine read_log_line(const std::string& line, SystemTime otherwise);

/// The public address of an action that is exported to the web, below the host.
std::string web_path(const std::string& name_space, const std::string& name);

} // namespace pyfops::ibm::openwhisk
