// SPDX-License-Identifier: Apache-2.0
#include "openwhisk.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace pyfops::ibm::openwhisk {
namespace {

namespace annotation {
constexpr const char* project = "pyfops-project";
constexpr const char* fd = "pyfops-fd";
constexpr const char* content = "pyfops-content-hash";
constexpr const char* code = "pyfops-code-sha256";
} // namespace annotation

ApiCall call(std::string operation, std::string method, const std::string& name_space,
             const std::string& path, std::string resource) {
    ApiCall one;
    one.operation = "openwhisk:" + std::move(operation);
    one.method = std::move(method);
    one.target = "/namespaces/" + percent_encode(name_space) + path;
    one.resource = std::move(resource);
    return one;
}

json::object pair(std::string_view key, json::value value) {
    return {{"key", key}, {"value", std::move(value)}};
}

json::object text_pair(std::string_view key, const std::string& text) {
    return {{"key", key}, {"value", text}};
}

std::string text_of(const std::map<std::string, std::string>& all, const char* key) {
    const auto found = all.find(key);
    return found == all.end() ? std::string() : found->second;
}

/// [{"key", "value"}]
template <class Each>
void each_pair(const json::value& answer, std::string_view member, Each each) {
    if (const json::value* list = find(answer, member); list && list->is_array())
        for (const json::value& one : list->as_array())
            if (const json::value* value = find(one, "value")) each(string_or(one, "key"), *value);
}

} // namespace

std::optional<OwnershipMark> Action::mark() const {
    OwnershipMark read{text_of(annotations, annotation::project), text_of(annotations, annotation::fd),
                       text_of(annotations, annotation::content)};
    if (read.project.empty() || read.fd.empty()) return std::nullopt;
    return read;
}

std::string Action::code_hash() const {
    return text_of(annotations, annotation::code);
}

ApiCall list_namespaces() {
    ApiCall one;
    one.operation = "openwhisk:ListNamespaces";
    one.target = "/namespaces";
    return one;
}

std::vector<std::string> read_namespaces(const json::value& answer) {
    std::vector<std::string> names;
    if (const auto* list = answer.if_array())
        for (const json::value& one : *list)
            if (const auto* name = one.if_string()) names.emplace_back(*name);
    return names;
}

ApiCall get_action(const std::string& name_space, const std::string& name) {
    ApiCall one = call("GetAction", "GET", name_space, "/actions/" + percent_encode(name) + "?code=false",
                       "the action " + name);
    one.secret_answer = true; // default parameters: the environment
    return one;
}

ApiCall put_action(const std::string& name_space, const std::string& name, const ActionChange& change,
                   bool overwrite) {
    ApiCall one = call(overwrite ? "UpdateAction" : "CreateAction", "PUT", name_space,
                       "/actions/" + percent_encode(name) + "?overwrite=" + (overwrite ? "true" : "false"),
                       "the action " + name);
    one.secret_body = one.secret_answer = true;
    json::object body;
    if (change.archive)
        body["exec"] = {{"kind", change.kind},
                        {"code", base64(change.archive->view())},
                        {"binary", true},
                        {"main", "main"}};
    json::object limits;
    if (change.memory_mb > 0) limits["memory"] = change.memory_mb;
    if (change.timeout_seconds > 0) limits["timeout"] = change.timeout_seconds * 1000LL;
    if (!limits.empty()) body["limits"] = std::move(limits);
    if (change.environment) {
        json::object values;
        for (const auto& [key, value] : *change.environment)
            values[key] = value.expose();
        body["parameters"] = json::array{pair(environment_parameter, std::move(values))};
    }
    if (change.mark)
        body["annotations"] = json::array{pair("web-export", true),
                                          pair("raw-http", true), // any JSON, and the query as it is
                                          pair("final", true),    // nobody overrides the environment
                                          pair("provide-api-key", false),
                                          text_pair(annotation::project, change.mark->project),
                                          text_pair(annotation::fd, change.mark->fd),
                                          text_pair(annotation::code, change.code_hash),
                                          text_pair(annotation::content, change.mark->content_hash)};
    one.headers.set("Content-Type", "application/json");
    one.body = json::serialize(body);
    return one;
}

ApiCall delete_action(const std::string& name_space, const std::string& name) {
    ApiCall one =
        call("DeleteAction", "DELETE", name_space, "/actions/" + percent_encode(name), "the action " + name);
    one.secret_answer = true; // the action that was
    return one;
}

ApiCall list_actions(const std::string& name_space, int skip) {
    ApiCall one = call("ListActions", "GET", name_space,
                       "/actions?limit=" + std::to_string(page_size) + "&skip=" + std::to_string(skip), "");
    one.secret_answer = true;
    return one;
}

Action read_action(const json::value& answer) {
    Action action;
    action.name = string_or(answer, "name");
    action.name_space = string_or(answer, "namespace");
    action.version = string_or(answer, "version");
    if (const json::value* exec = find(answer, "exec")) action.kind = string_or(*exec, "kind");
    if (const json::value* limits = find(answer, "limits")) {
        action.memory_mb = static_cast<int>(integer_or(*limits, "memory"));
        action.timeout_ms = integer_or(*limits, "timeout");
    }
    each_pair(answer, "annotations", [&](const std::string& key, const json::value& value) {
        if (const auto* text = value.if_string()) action.annotations[key] = std::string(*text);
    });
    each_pair(answer, "parameters", [&](const std::string& key, const json::value& value) {
        if (key != environment_parameter || !value.is_object()) {
            action.readable = false;
            return;
        }
        for (const auto& member : value.as_object())
            if (const auto* text = member.value().if_string())
                action.environment[std::string(member.key())] = Secret(std::string(*text));
    });
    return action;
}

std::vector<Action> read_actions(const json::value& answer) {
    std::vector<Action> actions;
    if (const auto* list = answer.if_array())
        for (const json::value& one : *list)
            actions.push_back(read_action(one));
    return actions;
}

ApiCall get_activation(const std::string& name_space, const std::string& id) {
    return call("GetActivation", "GET", name_space, "/activations/" + percent_encode(id),
                "the activation " + id);
}

ApiCall list_activations(const std::string& name_space, const std::string& name, SystemTime since, int limit,
                         int skip) {
    const auto from = std::chrono::duration_cast<Milliseconds>(since.time_since_epoch()).count();
    return call("ListActivations", "GET", name_space,
                "/activations?name=" + percent_encode(name) +
                    "&since=" + std::to_string(std::max<long long>(from, 0)) +
                    "&limit=" + std::to_string(std::clamp(limit, 1, page_size)) +
                    "&skip=" + std::to_string(skip) + "&docs=true",
                "the activations of " + name);
}

Activation read_activation(const json::value& answer) {
    Activation activation;
    activation.id = string_or(answer, "activationId");
    activation.duration_ms = static_cast<double>(integer_or(answer, "duration"));
    activation.start = SystemTime(Milliseconds(integer_or(answer, "start")));
    if (const json::value* response = find(answer, "response")) {
        activation.status = string_or(*response, "status");
        if (const json::value* result = find(*response, "result")) activation.result = *result;
    }
    if (const json::value* logs = find(answer, "logs"); logs && logs->is_array())
        for (const json::value& line : logs->as_array())
            if (const auto* text = line.if_string()) activation.logs.emplace_back(*text);
    each_pair(answer, "annotations", [&](const std::string& key, const json::value& value) {
        if (key == "initTime" && value.is_number()) activation.init_ms = value.to_number<double>();
    });
    return activation;
}

LogLine read_log_line(const std::string& line, SystemTime otherwise) {
    LogLine read{otherwise, line};
    const auto space = line.find(' ');
    if (space == std::string::npos) return read;
    try {
        read.time = from_iso8601(line.substr(0, space));
    } catch (const Error&) {
        return read;
    }
    read.text = line.substr(space + 1);
    for (const std::string_view stream : {"stdout: ", "stderr: "})
        if (read.text.starts_with(stream)) {
            read.text.erase(0, stream.size());
            break;
        }
    return read;
}

std::string web_path(const std::string& name_space, const std::string& name) {
    return "/web/" + percent_encode(name_space) + "/default/" + percent_encode(name) + ".http";
}

} // namespace pyfops::ibm::openwhisk
