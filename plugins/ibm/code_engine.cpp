// SPDX-License-Identifier: Apache-2.0
// Projects and functions; secrets and build runs are in code_engine_parts.cpp.
#include "code_engine.hpp"

#include "catalog.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pyfops::ibm::code_engine {
namespace {

constexpr const char* page_size = "100";

ApiCall call(std::string operation, std::string method, std::string target, std::string resource) {
    ApiCall one;
    one.operation = "codeengine:" + std::move(operation);
    one.method = std::move(method);
    one.target = std::move(target);
    one.resource = std::move(resource);
    return one;
}

/// Answered with what functions are configured with.
ApiCall closed(ApiCall one) {
    one.secret_answer = true;
    return one;
}

void set_json(ApiCall& one, const json::value& body, const char* type = "application/json") {
    one.headers.set("Content-Type", type);
    one.body = json::serialize(body);
}

std::string list_target(const std::string& path, const std::string& start) {
    return path + "?limit=" + page_size + (start.empty() ? "" : "&start=" + percent_encode(start));
}

std::string functions_path(const std::string& project) {
    return "/projects/" + percent_encode(project) + "/functions";
}

std::string function_path(const std::string& project, const std::string& name) {
    return functions_path(project) + "/" + percent_encode(name);
}

/// {"next": {"href", "start"}}
std::string next_of(const json::value& answer) {
    const json::value* next = find(answer, "next");
    return next ? string_or(*next, "start") : std::string();
}

json::array to_json(const Variables& variables) {
    json::array list;
    for (const auto& [name, variable] : variables) {
        if (variable.secret.empty())
            list.push_back({{"type", "literal"}, {"name", name}, {"value", variable.value}});
        else
            list.push_back({{"type", "secret_key_reference"},
                            {"reference", variable.secret},
                            {"key", variable.key},
                            {"name", name}});
    }
    return list;
}

/// Members of a function's body; those that `except` has already are left out.
json::object members(const Configuration& wanted, const Configuration* except) {
    json::object body;
    const auto differs = [&](auto member) { return !except || except->*member != wanted.*member; };
    if (differs(&Configuration::runtime)) body["runtime"] = wanted.runtime;
    if (differs(&Configuration::code_reference)) {
        body["code_reference"] = wanted.code_reference;
        body["code_main"] = "main";
        body["code_binary"] = !wanted.code_reference.starts_with("data:");
    }
    if (except ? except->code_secret != wanted.code_secret : !wanted.code_secret.empty()) {
        // In a merge patch null takes a member away.
        if (wanted.code_secret.empty())
            body["code_secret"] = nullptr;
        else
            body["code_secret"] = wanted.code_secret;
    }
    // One of the two alone would be a pair that does not exist.
    if (differs(&Configuration::cpu) || differs(&Configuration::memory)) {
        body["scale_cpu_limit"] = wanted.cpu;
        body["scale_memory_limit"] = wanted.memory;
    }
    if (differs(&Configuration::timeout)) body["scale_max_execution_time"] = wanted.timeout;
    if (differs(&Configuration::scale_down_delay)) body["scale_down_delay"] = wanted.scale_down_delay;
    if (!except) body["scale_concurrency"] = 1; // Python has no other
    if (differs(&Configuration::domain_mappings)) body["managed_domain_mappings"] = wanted.domain_mappings;
    if (differs(&Configuration::variables)) body["run_env_variables"] = to_json(wanted.variables);
    return body;
}

/// As we write the pair, whatever form the provider gives it back in ("1Gi", "0.250").
void settle_size(Configuration& configuration) {
    for (const Size& one : sizes())
        if (megabytes(configuration.memory) == one.memory_mb &&
            std::atof(configuration.cpu.c_str()) == std::atof(one.cpu)) {
            configuration.cpu = one.cpu;
            configuration.memory = one.memory;
        }
}

void read_variables(const json::value& list, Function& function) {
    if (!list.is_array()) return;
    for (const json::value& one : list.as_array()) {
        const std::string type = string_or(one, "type"), name = string_or(one, "name");
        if (type == "literal")
            function.configuration.variables[name] = {string_or(one, "value"), "", ""};
        else if (type == "secret_key_reference")
            function.configuration.variables[name] = {"", string_or(one, "reference"), string_or(one, "key")};
        else
            function.other_variables = true;
    }
}

} // namespace

bool Project::gone() const {
    static constexpr std::array deleted{"deleting",      "soft_deleted", "pending_removal",
                                        "hard_deleting", "hard_deleted", "hard_deletion_failed"};
    return std::find(deleted.begin(), deleted.end(), status) != deleted.end();
}

ApiCall list_projects(const std::string& start) {
    return call("ListProjects", "GET", list_target("/projects", start), "");
}

ApiCall create_project(const std::string& name, const std::string& resource_group, const std::string& tag) {
    ApiCall one = call("CreateProject", "POST", "/projects", "the Code Engine project " + name);
    json::object body{{"name", name}, {"tags", json::array{tag}}};
    if (!resource_group.empty()) body["resource_group_id"] = resource_group;
    set_json(one, body);
    return one;
}

ApiCall get_project(const std::string& id) {
    return call("GetProject", "GET", "/projects/" + percent_encode(id), "the Code Engine project " + id);
}

ApiCall delete_project(const std::string& id) {
    return call("DeleteProject", "DELETE", "/projects/" + percent_encode(id),
                "the Code Engine project " + id);
}

Project read_project(const json::value& answer) {
    return {string_or(answer, "id"), string_or(answer, "name"), string_or(answer, "status")};
}

Page<Project> read_projects(const json::value& answer) {
    Page<Project> page;
    if (const json::value* list = find(answer, "projects"); list && list->is_array())
        for (const json::value& one : list->as_array())
            page.items.push_back(read_project(one));
    page.next = next_of(answer);
    return page;
}

bool Function::ready() const {
    if (reason == "ready_update_in_progress" || reason == "deploying_configuring_routes") return false;
    return status == "ready" || status == "offline"; // scaled to zero: a call wakes it
}

ApiCall list_functions(const std::string& project, const std::string& start) {
    return closed(call("ListFunctions", "GET", list_target(functions_path(project), start), ""));
}

ApiCall get_function(const std::string& project, const std::string& name) {
    return closed(call("GetFunction", "GET", function_path(project, name), "the function " + name));
}

ApiCall create_function(const std::string& project, const std::string& name,
                        const Configuration& configuration) {
    ApiCall one = closed(call("CreateFunction", "POST", functions_path(project), "the function " + name));
    json::object body = members(configuration, nullptr);
    body["name"] = name;
    set_json(one, body);
    return one;
}

ApiCall update_function(const std::string& project, const Function& current,
                        const Configuration& configuration) {
    ApiCall one = closed(call("UpdateFunction", "PATCH", function_path(project, current.name),
                              "the function " + current.name));
    one.headers.set("If-Match", current.entity_tag);
    // After a failed update, or with references that are not ours, everything is said again.
    const bool whole = current.update_failed() || current.other_variables;
    set_json(one, members(configuration, whole ? nullptr : &current.configuration),
             "application/merge-patch+json");
    return one;
}

ApiCall delete_function(const std::string& project, const std::string& name) {
    return call("DeleteFunction", "DELETE", function_path(project, name), "the function " + name);
}

Function read_function(const json::value& answer) {
    Function function;
    function.name = string_or(answer, "name");
    function.entity_tag = string_or(answer, "entity_tag");
    function.endpoint = string_or(answer, "endpoint");
    function.status = string_or(answer, "status");
    if (const json::value* details = find(answer, "status_details"))
        function.reason = string_or(*details, "reason");
    Configuration& configuration = function.configuration;
    configuration.runtime = string_or(answer, "runtime");
    configuration.code_reference = string_or(answer, "code_reference");
    configuration.code_secret = string_or(answer, "code_secret");
    configuration.cpu = string_or(answer, "scale_cpu_limit");
    configuration.memory = string_or(answer, "scale_memory_limit");
    settle_size(configuration);
    configuration.timeout = static_cast<int>(integer_or(answer, "scale_max_execution_time"));
    configuration.scale_down_delay = static_cast<int>(integer_or(answer, "scale_down_delay"));
    configuration.domain_mappings = string_or(answer, "managed_domain_mappings");
    if (const json::value* variables = find(answer, "run_env_variables"))
        read_variables(*variables, function);
    return function;
}

ApiCall list_runtimes() {
    return call("ListFunctionRuntimes", "GET", "/function_runtimes", "");
}

std::vector<std::string> read_runtimes(const json::value& answer) {
    std::vector<std::string> ids;
    if (const json::value* list = find(answer, "function_runtimes"); list && list->is_array())
        for (const json::value& one : list->as_array())
            ids.push_back(string_or(one, "id"));
    return ids;
}

Page<Function> read_functions(const json::value& answer) {
    Page<Function> page;
    if (const json::value* list = find(answer, "functions"); list && list->is_array())
        for (const json::value& one : list->as_array())
            page.items.push_back(read_function(one));
    page.next = next_of(answer);
    return page;
}

} // namespace pyfops::ibm::code_engine
