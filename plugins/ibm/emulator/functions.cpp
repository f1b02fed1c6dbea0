// SPDX-License-Identifier: Apache-2.0
// Functions of the control plane. A stored one has "config", and "running" while an update is on its way or
// after it failed: what the endpoint executes.
#include "code_engine.hpp"

#include "function_checks.hpp"

#include <boost/json.hpp>

#include <regex>

namespace pyfops::ibm_emulator {
namespace {

constexpr const char* collection = "ibm/functions";
constexpr std::int64_t most_functions = 20; ///< of a project

[[noreturn]] void not_found() {
    throw ApiError(404, "resource_not_found", "Resource not found.");
}

std::string key_of(const json::object& project, const std::string& name) {
    return string_or(project, "id") + "/" + name;
}

struct Status {
    std::string status, reason;
};

Status status_of(const json::object& stored, std::int64_t now) {
    const bool creating = string_or(stored, "phase") == "creating";
    const std::int64_t until = integer_or(stored, "until");
    if (now < until)
        return creating ? Status{"deploying", "deploying"} : Status{"ready", "ready_update_in_progress"};
    if (const std::string failure = string_or(stored, "failure"); !failure.empty())
        return creating ? Status{"failed", failure} : Status{"ready", "ready_last_update_failed"};
    const std::int64_t idle = 1000 * integer_or(stored.at("config").as_object(), "scale_down_delay", 1);
    return now < until + idle ? Status{"ready", "ready"} : Status{"offline", "offline"};
}

} // namespace

std::optional<json::object> CodeEngine::function(const std::string& project, const std::string& name) {
    const std::string key = project + "/" + name;
    auto stored = world_.state().get(collection, key);
    if (!stored) return std::nullopt;
    const std::int64_t now = world_.now_ms();
    if (const std::int64_t gone = integer_or(*stored, "gone_at"); gone > 0 && now >= gone) {
        world_.state().erase(collection, key);
        return std::nullopt;
    }
    const bool settled = now >= integer_or(*stored, "until") && string_or(*stored, "failure").empty();
    if (settled && stored->contains("running")) { // the update is in force
        world_.host().instances.retire(string_or(stored->at("running").as_object(), "image"));
        stored->erase("running");
        world_.state().put(collection, key, *stored);
    }
    return stored;
}

json::object CodeEngine::describe_function(const json::object& project, const json::object& stored) const {
    const std::string name = string_or(stored, "name"), region = string_or(project, "region");
    const std::string domain = string_or(project, "subdomain") + "." + region + ".codeengine.appdomain.cloud";
    json::object all = stored.at("config").as_object();
    const Status status = status_of(stored, world_.now_ms());
    all["computed_env_variables"] = json::array{
        json::object{{"type", "literal"}, {"name", "CE_FUNCTION"}, {"value", name}},
        json::object{
            {"type", "literal"}, {"name", "CE_SUBDOMAIN"}, {"value", string_or(project, "subdomain")}},
        json::object{{"type", "literal"}, {"name", "CE_REGION"}, {"value", region}}};
    all["created_at"] = string_or(stored, "created_at");
    // Where such a host is reached on this machine.
    all["endpoint"] = world_.host().base_url + "/" + name + "." + domain + "/";
    all["endpoint_internal"] =
        "http://" + name + "." + string_or(project, "subdomain") + ".svc.cluster.local";
    all["entity_tag"] = string_or(stored, "entity_tag");
    all["href"] = href(project, "/functions/" + name);
    all["id"] = string_or(stored, "id");
    all["name"] = name;
    all["project_id"] = string_or(project, "id");
    all["region"] = region;
    all["resource_type"] = "function_v2";
    all["status"] = status.status;
    all["status_details"] = {{"reason", status.reason}};
    return all;
}

/// "" when it will run; else the reason that its status will give.
std::string CodeEngine::why_not_runnable(const std::string& project, const json::object& config) const {
    if (std::string trouble = world_.setting_text("states.fail"); !trouble.empty()) return trouble;
    const std::string code = string_or(config, "code_reference");
    if (!code.starts_with("data:") && !world_.state().get("ibm/images", code)) return "no_code_bundle";
    for (const json::value& one : config.at("run_env_variables").as_array()) {
        const std::string type = string_or(one, "type", "literal");
        if (type == "literal") continue;
        const char* kind = type.starts_with("secret") ? "ibm/secrets" : "ibm/config_maps";
        const auto found = world_.state().get(kind, project + "/" + string_or(one, "reference"));
        if (!found) return "unknown_reason";
        if (type.ends_with("key_reference") && !found->at("data").as_object().contains(string_or(one, "key")))
            return "unknown_reason";
    }
    return {};
}

ServerResponse CodeEngine::create_function(const HttpCall& call, const json::object& project) {
    const json::object body = json_object(call);
    const std::string name = string_or(body, "name"), id = string_or(project, "id");
    static const std::regex allowed("[a-z]([-a-z0-9]*[a-z0-9])?");
    if (name.size() > 63 || !std::regex_match(name, allowed))
        throw ApiError(400, "bad_request", "Field 'name' is not valid.");
    json::object config = merge_function(function_defaults(), body);
    config["code_binary"] = !string_or(config, "code_reference").starts_with("data:");
    check_function(config);
    if (function(id, name)) throw ApiError(409, "resource_already_exists", "Resource already exists.");
    if (static_cast<std::int64_t>(world_.state().keys(collection, id + "/").size()) >=
        world_.setting("ibm.functions", most_functions))
        throw ApiError(400, "function_limit_exceeded", "The limit of 20 functions per project is reached.");
    json::object stored{{"name", name},
                        {"project", id},
                        {"id", world_.uuid()},
                        {"created_at", to_iso8601(world_.now())},
                        {"entity_tag", new_tag()},
                        {"image", world_.uuid()},
                        {"phase", "creating"},
                        {"until", world_.now_ms() + world_.setting("ibm.deploy_ms", 100)},
                        {"failure", why_not_runnable(id, config)},
                        {"config", config}};
    world_.state().put(collection, key_of(project, name), stored);
    return json_response(201, describe_function(project, stored));
}

ServerResponse CodeEngine::update_function(const HttpCall& call, const json::object& project,
                                           const std::string& name) {
    auto stored = function(string_or(project, "id"), name);
    if (!stored) not_found();
    const std::string type = call.headers.get("Content-Type");
    if (!type.starts_with("application/merge-patch+json"))
        throw ApiError(415, "unsupported_media_type",
                       "The content type must be application/merge-patch+json.");
    match(call, *stored);
    const std::int64_t now = world_.now_ms();
    if (now < integer_or(*stored, "until"))
        throw ApiError(409, "resource_busy", "The function is being updated.");
    json::object config = merge_function(stored->at("config").as_object(), json_object(call));
    config["code_binary"] = !string_or(config, "code_reference").starts_with("data:");
    check_function(config);
    const bool never_ran =
        string_or(*stored, "phase") == "creating" && !string_or(*stored, "failure").empty();
    if (!stored->contains("running") && !never_ran)
        (*stored)["running"] = {{"config", stored->at("config")}, {"image", string_or(*stored, "image")}};
    (*stored)["phase"] = never_ran ? "creating" : "updating";
    (*stored)["until"] = now + world_.setting("ibm.update_ms", 100);
    (*stored)["failure"] = why_not_runnable(string_or(project, "id"), config);
    (*stored)["config"] = std::move(config);
    (*stored)["image"] = world_.uuid();
    (*stored)["entity_tag"] = new_tag();
    world_.state().put(collection, key_of(project, name), *stored);
    return json_response(200, describe_function(project, *stored));
}

ServerResponse CodeEngine::functions(const HttpCall& call, const json::object& project,
                                     const std::string& name) {
    const std::string id = string_or(project, "id");
    if (name.empty() && call.method == "POST") return create_function(call, project);
    if (name.empty()) {
        json::array all;
        for (const std::string& key : world_.state().keys(collection, id + "/"))
            if (const auto stored = function(id, key.substr(id.size() + 1)))
                all.push_back(describe_function(project, *stored));
        return list(call, "functions", all);
    }
    if (call.method == "PATCH") return update_function(call, project, name);
    auto stored = function(id, name);
    if (!stored) not_found();
    if (call.method == "DELETE") {
        if (integer_or(*stored, "gone_at") == 0) {
            (*stored)["gone_at"] = world_.now_ms() + world_.setting("ibm.delete_ms", 50);
            world_.state().put(collection, key_of(project, name), *stored);
            world_.host().instances.retire(string_or(*stored, "image"));
        }
        return empty_response(202);
    }
    ServerResponse answer = json_response(200, describe_function(project, *stored));
    answer.headers.set("ETag", string_or(*stored, "entity_tag"));
    return answer;
}

ServerResponse CodeEngine::runtimes() const {
    const auto one = [](const char* id, const char* name, bool standard, bool deprecated) {
        return json::object{{"id", id},
                            {"name", name},
                            {"family", "python"},
                            {"default", standard},
                            {"deprecated", deprecated},
                            {"optimized", true}};
    };
    return json_response(200, json::object{{"function_runtimes",
                                            json::array{one("python-3.13", "Python 3.13", true, false),
                                                        one("python-3.11", "Python 3.11", false, true)}}});
}

} // namespace pyfops::ibm_emulator
