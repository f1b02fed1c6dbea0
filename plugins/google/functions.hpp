// SPDX-License-Identifier: Apache-2.0
// The Cloud Functions API, version 2: requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::google::functions {

using Texts = std::map<std::string, std::string>;

/// Where the code was uploaded to, as the API said and wants it back.
struct Upload {
    std::string url;
    json::object source; ///< storageSource
};

/// What pyfOps sets of a function. Only the members that are set are sent.
struct Change {
    std::optional<std::string> description, runtime, entry_point, service_account;
    std::optional<int> memory_mb, timeout, max_instances, concurrency;
    std::optional<std::string> cpu;
    std::optional<Texts> labels, environment, build_environment;
    std::optional<json::object> source; ///< storageSource
    bool empty() const;
    /// Whether the container must be built anew.
    bool builds() const { return runtime || entry_point || build_environment || source; }
};

/// A function as Google describes it.
struct Function {
    std::string name;    ///< the last part of its resource name
    std::string state;   ///< ACTIVE, FAILED, DEPLOYING, DELETING, UNKNOWN
    std::string problem; ///< of the state messages that are errors
    std::string url;     ///< https://REGION-PROJECT.cloudfunctions.net/NAME
    std::string uri;     ///< of the Cloud Run service; "" until there is one
    std::string service; ///< projects/P/locations/R/services/NAME
    std::string revision, description, runtime, entry_point, service_account;
    int memory_mb = 0, timeout = 0, max_instances = 0, concurrency = 0;
    std::string cpu;
    Texts labels, environment, build_environment;
};

ApiCall generate_upload_url(const std::string& parent);
/// The signature is in the URL: no token goes along. Throws invalid_input for one that is not https, unless
/// `local`.
ApiCall upload(const Upload& upload, Bytes archive, bool local);
ApiCall create_function(const std::string& parent, const std::string& name, const Change& all);
ApiCall get_function(const std::string& parent, const std::string& name);
ApiCall list_functions(const std::string& parent, const std::string& page_token);
/// Its updateMask names exactly what `change` holds.
ApiCall update_function(const std::string& parent, const std::string& name, const Change& change);
ApiCall delete_function(const std::string& parent, const std::string& name);
ApiCall get_operation(const std::string& name);

Upload read_upload(const json::value& answer);
Function read_function(const json::value& answer);
struct Page {
    std::vector<Function> functions;
    std::string next_token;
};
Page read_page(const json::value& answer);

/// A long-running operation.
struct Operation {
    std::string name;
    bool done = false;
    std::optional<json::value> error; ///< google.rpc.Status
    std::string stage;                ///< what is under way: "BUILD"
};
Operation read_operation(const json::value& answer);

/// "256Mi", "0.25G", bytes: in MB (2^20); 0 for what is no quantity.
int read_memory(const std::string& quantity);
/// Whether two CPU quantities mean the same: "0.1666", "167m" and "0.167" do.
bool same_cpu(const std::string& a, const std::string& b);

} // namespace pyfops::google::functions
