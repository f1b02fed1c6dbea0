// SPDX-License-Identifier: Apache-2.0
// The API of Function Compute 3.0 (2023-03-30): requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::alibaba::fc {

using Tags = std::map<std::string, std::string>;

/// Where the code is: in the request, or in a bucket of the same region.
struct CodeSource {
    Bytes zip;
    std::string bucket, object;
    std::string checksum; ///< CRC-64 in decimal; Function Compute compares it with what arrives
};

/// What pyfOps sets of a function, each member only where it is to be sent.
struct Configuration {
    std::optional<std::string> runtime, handler, description, role;
    std::optional<int> timeout, memory, cpu_hundredths, disk;
    std::optional<std::map<std::string, std::string>> environment;
    std::optional<std::pair<std::string, std::string>> logs; ///< project and Logstore; both "" : none
    bool empty() const;
};

/// A function as Function Compute describes it.
struct Function {
    std::string name, arn, runtime, handler, description, role;
    int timeout = 0, memory = 0, cpu_hundredths = 0, disk = 0;
    std::string code_checksum;
    std::string state, state_reason;
    std::string update_status, update_reason;
    std::map<std::string, std::string> environment;
    std::pair<std::string, std::string> logs;
    Tags tags; ///< empty where the answer has none: then they are asked for
};

ApiCall create_function(const std::string& name, const Configuration& configuration, const CodeSource& code,
                        const Tags& tags);
/// `code`: nullptr leaves it as it is.
ApiCall update_function(const std::string& name, const Configuration& change, const CodeSource* code);
ApiCall get_function(const std::string& name);
ApiCall list_functions(const std::string& prefix, const std::string& next_token);
ApiCall delete_function(const std::string& name);

inline constexpr std::size_t most_tagged = 50; ///< resources that one question about tags may name
ApiCall tag_function(const std::string& arn, const Tags& tags);
ApiCall list_tags(const std::vector<std::string>& arns, const std::string& next_token);

/// An HTTP trigger: the function's URL.
struct Trigger {
    std::string name;
    std::string auth; ///< "anonymous" or "function"
    std::string url;
};
inline constexpr const char* trigger_name = "pyfops-http";
ApiCall create_trigger(const std::string& function, const std::string& auth);
ApiCall update_trigger(const std::string& function, const std::string& auth);
ApiCall get_trigger(const std::string& function);
ApiCall list_triggers(const std::string& function, const std::string& next_token);
ApiCall delete_trigger(const std::string& function, const std::string& trigger);

ApiCall invoke(const std::string& name, std::string event, Milliseconds function_timeout);

Function read_function(const json::value& answer);
struct Page {
    std::vector<Function> functions;
    std::string next_token;
};
Page read_page(const json::value& answer);
struct TagPage {
    std::map<std::string, Tags> by_arn;
    std::string next_token;
};
TagPage read_tags(const json::value& answer);
Trigger read_trigger(const json::value& answer);
struct TriggerPage {
    std::vector<std::string> names;
    std::string next_token;
};
TriggerPage read_triggers(const json::value& answer);

} // namespace pyfops::alibaba::fc
