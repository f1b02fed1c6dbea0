// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/function.hpp"
#include "pyfops/json.hpp"
#include "pyfops/package.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/target.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

enum class DeployAction { created, updated, unchanged };
PYFOPS_EXPORT std::string_view to_string(DeployAction action) noexcept;

/// Written to the cloud with every resource we make (as tags where there are tags), so that the cloud alone
/// tells what is ours. A resource without it is never touched.
struct OwnershipMark {
    std::string project;      ///< project id
    std::string fd;           ///< FdIdentity::str()
    std::string content_hash; ///< of package and configuration
};

/// How long the parts of a deployment took.
struct DeployTimes {
    Milliseconds upload{};     ///< sending the code, object storage included
    Milliseconds activation{}; ///< until the provider said it is ready
    Milliseconds total{};      ///< first call to ready; what AFCL calls deployment time
};

/// A function deployment as the cloud has it.
struct Deployment {
    FdIdentity identity;
    std::string cloud_name;
    std::string link; ///< resource link: ARN or URL; unique; what a caller uses
    std::string url;  ///< public URL when one was asked for
    int memory_mb = 0;
    int timeout_seconds = 0;
    std::string runtime;
    OwnershipMark mark;
    DeployAction action = DeployAction::unchanged;
    DeployTimes times;
    Secret probe_key;     ///< lets the wrapper answer probe calls; known only while deploying or after find
    json::object details; ///< the provider's own: revision, code hash, role, ...
};

struct DeployRequest {
    const FunctionSpec& function;
    const Target& target;
    const Package& package;
    std::map<std::string, std::string> environment; ///< plain values
    std::map<std::string, Secret> secrets;          ///< environment values that are never recorded
    OwnershipMark mark;                             ///< to be written
    const json::object& settings;                   ///< `providers.<id>` of the project
};

struct ConfigureRequest {
    const Deployment& deployment;
    std::optional<int> memory_mb;
    std::optional<int> timeout_seconds;
    const json::object& settings;
};

struct FindRequest {
    FdIdentity identity;
    std::string cloud_name;
    const json::object& settings;
};

struct ListRequest {
    std::string project;
    std::string region;
    Realm realm = Realm::real;
    const json::object& settings;
};

struct RemoveRequest {
    FdIdentity identity;
    std::string cloud_name;
    const json::object& settings;
};

struct LogsRequest {
    const Deployment& deployment;
    SystemTime since;
    int limit = 1000;
    const json::object& settings;
};

struct LogLine {
    SystemTime time;
    std::string text; ///< untrusted
};

/// The user's function failed; the platform did its part.
struct FunctionError {
    enum class Cause { raised, timed_out, out_of_memory, exited, not_loaded, bad_answer };
    Cause cause = Cause::raised;
    std::string type; ///< "ValueError"
    std::string message;
    std::vector<std::string> stack; ///< innermost last
};
PYFOPS_EXPORT std::string_view to_string(FunctionError::Cause cause) noexcept;

struct InvokeRequest {
    const Deployment& deployment;
    json::value event;
    bool probe = false; ///< ask the wrapper what it measured; needs deployment.probe_key
    bool logs = false;  ///< the log tail is wanted
    const json::object& settings;
};

/// One answer of a deployed function: an output or a function error. Platform errors are thrown as Error.
struct Invocation {
    std::optional<json::value> output;
    std::optional<FunctionError> error;
    Milliseconds round_trip{};         ///< as the client saw it
    std::optional<double> duration_ms; ///< of the handler, by the provider or the wrapper
    std::optional<double> billed_ms;
    std::optional<double> init_ms; ///< present: a cold start with this initialisation time
    std::optional<bool> cold;
    std::optional<int> memory_used_mb;      ///< peak, by the provider or the wrapper
    std::optional<std::size_t> peak_rss_kb; ///< by the wrapper (probe)
    std::string instance;                   ///< id of the instance, by the wrapper (probe)
    std::string ran_on;                     ///< Python that really ran it (probe): "3.11.2"
    std::string request_id;
    std::string log_tail; ///< untrusted
};

} // namespace pyfops
