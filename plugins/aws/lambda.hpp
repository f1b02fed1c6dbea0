// SPDX-License-Identifier: Apache-2.0
// The Lambda API (REST-JSON, 2015-03-31 and later paths): requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::aws::lambda {

/// Where the code is: in the request, or in a bucket of the same region.
struct CodeSource {
    Bytes zip;
    std::string bucket, key;
};

/// What pyfOps sets of a function's configuration.
struct Configuration {
    std::string runtime;
    std::string role; ///< ARN
    std::string handler;
    std::string description;
    int timeout = 0;
    int memory = 0;
    std::string architecture = "x86_64";
    std::map<std::string, std::string> environment;
};

/// A function as AWS describes it.
struct Function {
    std::string name, arn, runtime, role, handler, description;
    int timeout = 0, memory = 0;
    std::string architecture;
    std::string code_sha256; ///< base64
    std::string state, state_reason;
    std::string update_status, update_reason;
    std::string revision;
    std::map<std::string, std::string> environment;
    bool environment_readable = true;
    std::map<std::string, std::string> tags; ///< GetFunction only
};

ApiCall create_function(const std::string& name, const Configuration& configuration, const CodeSource& code,
                        const std::map<std::string, std::string>& tags);
ApiCall get_function(const std::string& name);
ApiCall list_functions(const std::string& marker);
ApiCall update_code(const std::string& name, const CodeSource& code, const std::string& architecture);
/// Only the members that are set are sent.
struct ConfigurationChange {
    std::optional<std::string> runtime, role, handler, description;
    std::optional<int> timeout, memory;
    std::optional<std::map<std::string, std::string>> environment;
    bool empty() const {
        return !runtime && !role && !handler && !description && !timeout && !memory && !environment;
    }
};
ApiCall update_configuration(const std::string& name, const ConfigurationChange& change);
ApiCall delete_function(const std::string& name);

ApiCall tag_resource(const std::string& arn, const std::map<std::string, std::string>& tags);
ApiCall untag_resource(const std::string& arn, const std::vector<std::string>& keys);
ApiCall list_tags(const std::string& arn);

ApiCall create_url(const std::string& name);
ApiCall get_url(const std::string& name);
ApiCall delete_url(const std::string& name);
/// The two statements that a public URL needs since October 2025.
struct Statement {
    std::string id, action;
    bool via_url = false; ///< InvokedViaFunctionUrl instead of FunctionUrlAuthType
};
const std::vector<Statement>& public_statements();
ApiCall add_permission(const std::string& name, const Statement& statement);
ApiCall remove_permission(const std::string& name, const std::string& statement_id);
ApiCall get_policy(const std::string& name);

ApiCall invoke(const std::string& name, std::string event, Milliseconds function_timeout);

/// GetFunction's answer, a FunctionConfiguration, or a member of ListFunctions.
Function read_function(const json::value& answer);
struct Page {
    std::vector<Function> functions;
    std::string next_marker;
};
Page read_page(const json::value& answer);
std::map<std::string, std::string> read_tags(const json::value& answer);
/// Ids of the statements in GetPolicy's answer.
std::vector<std::string> read_statement_ids(const json::value& answer);

} // namespace pyfops::aws::lambda
