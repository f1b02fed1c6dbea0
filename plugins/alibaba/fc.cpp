// SPDX-License-Identifier: Apache-2.0
#include "fc.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace pyfops::alibaba::fc {
namespace {

constexpr const char* version = "2023-03-30";

ApiCall call(std::string operation, std::string method, const std::string& path) {
    ApiCall one;
    one.service = Service::fc;
    one.headers.set("Accept", "application/json");
    one.headers.set("x-acs-version", version);
    one.headers.set("x-acs-action", operation);
    one.operation = std::move(operation);
    one.method = std::move(method);
    one.target = std::string("/") + version + path;
    return one;
}

/// Answered with what functions are configured with.
ApiCall closed(ApiCall one) {
    one.secret_answer = true;
    return one;
}

void set_body(ApiCall& one, const json::object& body) {
    one.headers.set("Content-Type", "application/json; charset=utf-8");
    one.body = json::serialize(body);
}

std::string path_of(const std::string& name, const std::string& rest = {}) {
    return "/functions/" + percent_encode(name) + rest;
}

json::object to_json(const std::map<std::string, std::string>& values) {
    json::object object;
    for (const auto& [name, value] : values)
        object[name] = value;
    return object;
}

json::array to_json_tags(const Tags& tags) {
    json::array all;
    for (const auto& [key, value] : tags)
        all.push_back(json::object{{"Key", key}, {"Value", value}});
    return all;
}

json::object to_json(const CodeSource& code) {
    json::object object;
    if (code.bucket.empty()) {
        object["zipFile"] = base64(code.zip.view());
    } else {
        object["ossBucketName"] = code.bucket;
        object["ossObjectName"] = code.object;
    }
    if (!code.checksum.empty()) object["checksum"] = code.checksum;
    return object;
}

json::object to_json(const Configuration& configuration) {
    json::object body;
    if (configuration.runtime) body["runtime"] = *configuration.runtime;
    if (configuration.handler) body["handler"] = *configuration.handler;
    if (configuration.description) body["description"] = *configuration.description;
    if (configuration.role) body["role"] = *configuration.role;
    if (configuration.timeout) body["timeout"] = *configuration.timeout;
    if (configuration.memory) body["memorySize"] = *configuration.memory;
    if (configuration.cpu_hundredths) body["cpu"] = *configuration.cpu_hundredths / 100.0;
    if (configuration.disk) body["diskSize"] = *configuration.disk;
    if (configuration.environment) body["environmentVariables"] = to_json(*configuration.environment);
    if (configuration.logs)
        body["logConfig"] =
            json::object{{"project", configuration.logs->first}, {"logstore", configuration.logs->second}};
    return body;
}

std::string trigger_config(const std::string& auth) {
    return json::serialize(json::object{
        {"authType", auth}, {"methods", json::array{"GET", "POST"}}, {"disableURLInternet", false}});
}

} // namespace

bool Configuration::empty() const {
    return !runtime && !handler && !description && !role && !timeout && !memory && !cpu_hundredths && !disk &&
           !environment && !logs;
}

ApiCall create_function(const std::string& name, const Configuration& configuration, const CodeSource& code,
                        const Tags& tags) {
    json::object body = to_json(configuration);
    body["functionName"] = name;
    body["code"] = to_json(code);
    body["tags"] = to_json_tags(tags);
    ApiCall one = closed(call("CreateFunction", "POST", "/functions"));
    set_body(one, body);
    return one;
}

ApiCall update_function(const std::string& name, const Configuration& change, const CodeSource* code) {
    json::object body = to_json(change);
    if (code) body["code"] = to_json(*code);
    ApiCall one = closed(call("UpdateFunction", "PUT", path_of(name)));
    set_body(one, body);
    return one;
}

ApiCall get_function(const std::string& name) {
    return closed(call("GetFunction", "GET", path_of(name)));
}

ApiCall list_functions(const std::string& prefix, const std::string& next_token) {
    std::string query = "?fcVersion=v3&limit=" + std::to_string(most_tagged);
    if (!next_token.empty()) query += "&nextToken=" + percent_encode(next_token);
    return closed(call("ListFunctions", "GET", "/functions" + query + "&prefix=" + percent_encode(prefix)));
}

ApiCall delete_function(const std::string& name) {
    return call("DeleteFunction", "DELETE", path_of(name));
}

ApiCall tag_function(const std::string& arn, const Tags& tags) {
    ApiCall one = call("TagResources", "POST", "/tags-v2");
    set_body(one,
             {{"ResourceId", json::array{arn}}, {"ResourceType", "FUNCTION"}, {"Tag", to_json_tags(tags)}});
    return one;
}

ApiCall list_tags(const std::vector<std::string>& arns, const std::string& next_token) {
    json::array ids;
    for (const std::string& arn : arns)
        ids.emplace_back(json::string(arn));
    std::string query;
    if (!next_token.empty()) query += "NextToken=" + percent_encode(next_token) + "&";
    query += "ResourceId=" + percent_encode(json::serialize(ids)) + "&ResourceType=FUNCTION";
    return call("ListTagResources", "GET", "/tags-v2?" + query);
}

ApiCall create_trigger(const std::string& function, const std::string& auth) {
    ApiCall one = call("CreateTrigger", "POST", path_of(function, "/triggers"));
    set_body(one, {{"triggerName", trigger_name},
                   {"triggerType", "http"},
                   {"qualifier", "LATEST"},
                   {"triggerConfig", trigger_config(auth)}});
    return one;
}

ApiCall update_trigger(const std::string& function, const std::string& auth) {
    ApiCall one = call("UpdateTrigger", "PUT", path_of(function, std::string("/triggers/") + trigger_name));
    set_body(one, {{"triggerConfig", trigger_config(auth)}});
    return one;
}

ApiCall get_trigger(const std::string& function) {
    return call("GetTrigger", "GET", path_of(function, std::string("/triggers/") + trigger_name));
}

ApiCall list_triggers(const std::string& function, const std::string& next_token) {
    std::string query = "?limit=50";
    if (!next_token.empty()) query += "&nextToken=" + percent_encode(next_token);
    return call("ListTriggers", "GET", path_of(function, "/triggers" + query));
}

ApiCall delete_trigger(const std::string& function, const std::string& trigger) {
    return call("DeleteTrigger", "DELETE", path_of(function, "/triggers/" + percent_encode(trigger)));
}

ApiCall invoke(const std::string& name, std::string event, Milliseconds function_timeout) {
    ApiCall one = call("InvokeFunction", "POST", path_of(name, "/invocations"));
    one.headers.set("Content-Type", "application/octet-stream");
    one.headers.set("x-fc-invocation-type", "Sync");
    one.headers.set("x-fc-log-type", "Tail");
    one.body = std::move(event);
    one.idempotent = false; // the handler may have run
    one.account_host = true;
    one.rate = "invoke";
    one.max_response_bytes = 64u << 20;
    // Never earlier than the function itself: its start and the way there and back come on top.
    one.patience = function_timeout + std::chrono::seconds(30);
    return one;
}

} // namespace pyfops::alibaba::fc
