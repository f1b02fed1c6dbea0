// SPDX-License-Identifier: Apache-2.0
#include "code_engine.hpp"

#include <boost/json.hpp>

#include <regex>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::int64_t most_projects = 20; ///< of a region, deleted ones that can be restored included
constexpr const char* collection = "ibm/projects";

std::int64_t time_of(const json::object& document, const char* member) {
    return integer_or(document, member, 0);
}

} // namespace

json::object CodeEngine::describe_project(const json::object& stored) const {
    const std::int64_t now = world_.now_ms();
    json::object described{{"account_id", account},
                           {"created_at", string_or(stored, "created_at")},
                           {"crn", "crn:v1:bluemix:public:codeengine:" + string_or(stored, "region") + ":a/" +
                                       std::string(account) + ":" + string_or(stored, "id") + "::"},
                           {"href", href(stored, "")},
                           {"id", string_or(stored, "id")},
                           {"name", string_or(stored, "name")},
                           {"region", string_or(stored, "region")},
                           {"resource_group_id", string_or(stored, "resource_group_id")},
                           {"resource_type", "project_v2"}};
    std::string status = now < time_of(stored, "active_at") ? "creating" : "active";
    if (const std::int64_t gone = time_of(stored, "gone_at"); gone > 0)
        status = now < gone ? "deleting" : "soft_deleted";
    described["status"] = status;
    return described;
}

std::int64_t CodeEngine::project_count(const std::string& region) const {
    std::int64_t count = 0;
    for (const std::string& key : world_.state().keys(collection))
        if (const auto one = world_.state().get(collection, key); one && string_or(*one, "region") == region)
            ++count;
    return count;
}

ServerResponse CodeEngine::projects(const HttpCall& call, const Path& path) {
    const std::string region = region_of(call);
    if (path.project.empty() && call.method == "GET") {
        json::array all;
        for (const std::string& key : world_.state().keys(collection))
            if (const auto one = world_.state().get(collection, key);
                one && string_or(*one, "region") == region)
                all.push_back(describe_project(*one));
        return list(call, "projects", all);
    }
    if (path.project.empty()) {
        const json::object body = json_object(call);
        const std::string name = string_or(body, "name");
        static const std::regex allowed(R"(^([^\x00-\x7F]|[a-zA-Z0-9\-._: ])+$)");
        if (name.empty() || name.size() > 128 || !std::regex_match(name, allowed))
            throw ApiError(400, "bad_request", "Project name is not valid.");
        for (const std::string& key : world_.state().keys(collection)) {
            const auto one = world_.state().get(collection, key);
            if (one && string_or(*one, "region") == region && string_or(*one, "name") == name &&
                time_of(*one, "gone_at") == 0)
                throw ApiError(409, "resource_already_exists", "A project of that name exists already.");
        }
        if (project_count(region) >= world_.setting("ibm.projects", most_projects))
            throw ApiError(400, "project_limit_exceeded", "The limit of projects in this region is reached.");
        const std::string id = world_.uuid();
        json::object stored{
            {"id", id},
            {"name", name},
            {"region", region},
            {"resource_group_id", string_or(body, "resource_group_id", "00000000000000000000000000000000")},
            {"subdomain", world_.random_text(11, "abcdefghijklmnopqrstuvwxyz0123456789")},
            {"created_at", to_iso8601(world_.now())},
            {"active_at", world_.now_ms() + world_.setting("ibm.project_ms", 100)}};
        if (const json::value* tags = body.if_contains("tags")) stored["tags"] = *tags;
        world_.state().put(collection, id, stored);
        return json_response(202, describe_project(stored));
    }
    auto stored = world_.state().get(collection, path.project);
    if (!stored) throw ApiError(404, "resource_not_found", "Resource not found.");
    if (path.kind == "status_details")
        return json_response(200, json::object{{"cbr",
                                                {{"data_plane",
                                                  {{"enforcement", "none"},
                                                   {"inbound_private", "allowed"},
                                                   {"inbound_public", "allowed"}}}}},
                                               {"domain", "ready"},
                                               {"project", "enabled"},
                                               {"vpe", "ready"},
                                               {"vpe_not_enabled", true}});
    if (call.method == "GET") return json_response(200, describe_project(*stored));
    if (time_of(*stored, "gone_at") == 0) {
        (*stored)["gone_at"] = world_.now_ms() + world_.setting("ibm.delete_ms", 50);
        world_.state().put(collection, path.project, *stored);
        for (const std::string& key : world_.state().keys("ibm/functions", path.project + "/"))
            if (const auto function = world_.state().get("ibm/functions", key))
                world_.host().instances.retire(string_or(*function, "image"));
        for (const char* inside :
             {"ibm/functions", "ibm/secrets", "ibm/config_maps", "ibm/builds", "ibm/build_runs"})
            for (const std::string& key : world_.state().keys(inside, path.project + "/"))
                world_.state().erase(inside, key);
    }
    return empty_response(202);
}

} // namespace pyfops::ibm_emulator
