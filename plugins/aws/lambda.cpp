// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

namespace pyfops::aws::lambda {
namespace {

ApiCall call(std::string operation, std::string method, std::string target) {
    ApiCall one;
    one.service = "lambda";
    one.operation = std::move(operation);
    one.method = std::move(method);
    one.target = std::move(target);
    return one;
}

/// Answered with what functions are configured with.
ApiCall closed(ApiCall one) {
    one.secret_answer = true;
    return one;
}

void set_body(ApiCall& one, const json::object& body) {
    one.headers.set("Content-Type", "application/json");
    one.body = json::serialize(body);
}

std::string functions(const std::string& name = {}, const std::string& rest = {}) {
    return "/2015-03-31/functions" + (name.empty() ? std::string() : "/" + percent_encode(name)) + rest;
}

json::object to_json(const std::map<std::string, std::string>& values) {
    json::object object;
    for (const auto& [name, value] : values)
        object[name] = value;
    return object;
}

json::object environment_of(const std::map<std::string, std::string>& values) {
    return {{"Variables", to_json(values)}};
}

std::map<std::string, std::string> strings_of(const json::value* value) {
    std::map<std::string, std::string> all;
    if (value && value->is_object())
        for (const auto& member : value->as_object())
            if (const auto* text = member.value().if_string())
                all.emplace(std::string(member.key()), std::string(*text));
    return all;
}

} // namespace

ApiCall create_function(const std::string& name, const Configuration& configuration, const CodeSource& code,
                        const std::map<std::string, std::string>& tags) {
    json::object body;
    body["FunctionName"] = name;
    body["Runtime"] = configuration.runtime;
    body["Role"] = configuration.role;
    body["Handler"] = configuration.handler;
    if (!configuration.description.empty()) body["Description"] = configuration.description;
    body["Timeout"] = configuration.timeout;
    body["MemorySize"] = configuration.memory;
    body["PackageType"] = "Zip";
    body["Architectures"] = json::array{configuration.architecture};
    body["Publish"] = false;
    body["Environment"] = environment_of(configuration.environment);
    body["Tags"] = to_json(tags);
    if (code.key.empty())
        body["Code"] = json::object{{"ZipFile", base64(code.zip.view())}};
    else
        body["Code"] = json::object{{"S3Bucket", code.bucket}, {"S3Key", code.key}};
    ApiCall one = closed(call("CreateFunction", "POST", functions()));
    set_body(one, body);
    return one;
}

ApiCall get_function(const std::string& name) {
    ApiCall one = closed(call("GetFunction", "GET", functions(name)));
    one.rate = "get-function"; // a quota of its own
    return one;
}

ApiCall list_functions(const std::string& marker) {
    std::string query = "?MaxItems=50";
    if (!marker.empty()) query += "&Marker=" + percent_encode(marker);
    return closed(call("ListFunctions", "GET", functions({}, query)));
}

ApiCall update_code(const std::string& name, const CodeSource& code, const std::string& architecture) {
    json::object body;
    if (code.key.empty()) {
        body["ZipFile"] = base64(code.zip.view());
    } else {
        body["S3Bucket"] = code.bucket;
        body["S3Key"] = code.key;
    }
    body["Architectures"] = json::array{architecture};
    body["Publish"] = false;
    ApiCall one = closed(call("UpdateFunctionCode", "PUT", functions(name, "/code")));
    set_body(one, body);
    return one;
}

ApiCall update_configuration(const std::string& name, const ConfigurationChange& change) {
    json::object body;
    if (change.runtime) body["Runtime"] = *change.runtime;
    if (change.role) body["Role"] = *change.role;
    if (change.handler) body["Handler"] = *change.handler;
    if (change.description) body["Description"] = *change.description;
    if (change.timeout) body["Timeout"] = *change.timeout;
    if (change.memory) body["MemorySize"] = *change.memory;
    if (change.environment) body["Environment"] = environment_of(*change.environment);
    ApiCall one = closed(call("UpdateFunctionConfiguration", "PUT", functions(name, "/configuration")));
    set_body(one, body);
    return one;
}

ApiCall delete_function(const std::string& name) {
    return call("DeleteFunction", "DELETE", functions(name));
}

ApiCall tag_resource(const std::string& arn, const std::map<std::string, std::string>& tags) {
    ApiCall one = call("TagResource", "POST", "/2017-03-31/tags/" + percent_encode(arn));
    set_body(one, {{"Tags", to_json(tags)}});
    return one;
}

ApiCall untag_resource(const std::string& arn, const std::vector<std::string>& keys) {
    std::string query;
    for (const std::string& key : keys)
        query += (query.empty() ? "?tagKeys=" : "&tagKeys=") + percent_encode(key);
    return call("UntagResource", "DELETE", "/2017-03-31/tags/" + percent_encode(arn) + query);
}

ApiCall list_tags(const std::string& arn) {
    return call("ListTags", "GET", "/2017-03-31/tags/" + percent_encode(arn));
}

ApiCall create_url(const std::string& name) {
    ApiCall one =
        call("CreateFunctionUrlConfig", "POST", "/2021-10-31/functions/" + percent_encode(name) + "/url");
    set_body(one, {{"AuthType", "NONE"}, {"InvokeMode", "BUFFERED"}});
    return one;
}

ApiCall get_url(const std::string& name) {
    return call("GetFunctionUrlConfig", "GET", "/2021-10-31/functions/" + percent_encode(name) + "/url");
}

ApiCall delete_url(const std::string& name) {
    return call("DeleteFunctionUrlConfig", "DELETE",
                "/2021-10-31/functions/" + percent_encode(name) + "/url");
}

const std::vector<Statement>& public_statements() {
    static const std::vector<Statement> both{{"pyfops-url", "lambda:InvokeFunctionUrl", false},
                                             {"pyfops-url-invoke", "lambda:InvokeFunction", true}};
    return both;
}

ApiCall add_permission(const std::string& name, const Statement& statement) {
    json::object body;
    body["StatementId"] = statement.id;
    body["Action"] = statement.action;
    body["Principal"] = "*";
    if (statement.via_url)
        body["InvokedViaFunctionUrl"] = true;
    else
        body["FunctionUrlAuthType"] = "NONE";
    ApiCall one = call("AddPermission", "POST", functions(name, "/policy"));
    set_body(one, body);
    return one;
}

ApiCall remove_permission(const std::string& name, const std::string& statement_id) {
    return call("RemovePermission", "DELETE", functions(name, "/policy/" + percent_encode(statement_id)));
}

ApiCall get_policy(const std::string& name) {
    return call("GetPolicy", "GET", functions(name, "/policy"));
}

ApiCall invoke(const std::string& name, std::string event, Milliseconds function_timeout) {
    ApiCall one = call("Invoke", "POST", functions(name, "/invocations"));
    one.headers.set("Content-Type", "application/json");
    one.headers.set("X-Amz-Invocation-Type", "RequestResponse");
    one.headers.set("X-Amz-Log-Type", "Tail");
    one.body = std::move(event);
    one.idempotent = false; // the handler may have run
    one.rate = "invoke";
    // Never earlier than the function itself: its start and the way there and back come on top.
    one.patience = function_timeout + std::chrono::seconds(30);
    return one;
}

Function read_function(const json::value& answer) {
    const json::value* inner = find(answer, "Configuration");
    const json::value& from = inner ? *inner : answer;
    Function function;
    function.name = string_or(from, "FunctionName");
    function.arn = string_or(from, "FunctionArn");
    function.runtime = string_or(from, "Runtime");
    function.role = string_or(from, "Role");
    function.handler = string_or(from, "Handler");
    function.description = string_or(from, "Description");
    function.timeout = static_cast<int>(integer_or(from, "Timeout"));
    function.memory = static_cast<int>(integer_or(from, "MemorySize"));
    function.code_sha256 = string_or(from, "CodeSha256");
    // Lambda from before the states has none: then it is ready.
    function.state = string_or(from, "State", "Active");
    function.state_reason = string_or(from, "StateReason");
    function.update_status = string_or(from, "LastUpdateStatus", "Successful");
    function.update_reason = string_or(from, "LastUpdateStatusReason");
    function.revision = string_or(from, "RevisionId");
    function.architecture = "x86_64";
    if (const json::value* all = find(from, "Architectures");
        all && all->is_array() && !all->as_array().empty())
        if (const auto* text = all->as_array().front().if_string())
            function.architecture = std::string(*text);
    if (const json::value* environment = find(from, "Environment")) {
        function.environment = strings_of(find(*environment, "Variables"));
        function.environment_readable = find(*environment, "Error") == nullptr;
    }
    function.tags = strings_of(find(answer, "Tags"));
    return function;
}

Page read_page(const json::value& answer) {
    Page page;
    page.next_marker = string_or(answer, "NextMarker");
    if (const json::value* all = find(answer, "Functions"); all && all->is_array())
        for (const json::value& one : all->as_array())
            page.functions.push_back(read_function(one));
    return page;
}

std::map<std::string, std::string> read_tags(const json::value& answer) {
    return strings_of(find(answer, "Tags"));
}

std::vector<std::string> read_statement_ids(const json::value& answer) {
    std::vector<std::string> ids;
    const json::value policy = parse_json(string_or(answer, "Policy", "{}"), "the policy of the function");
    if (const json::value* all = find(policy, "Statement"); all && all->is_array())
        for (const json::value& one : all->as_array())
            ids.push_back(string_or(one, "Sid"));
    return ids;
}

} // namespace pyfops::aws::lambda
