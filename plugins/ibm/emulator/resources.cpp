// SPDX-License-Identifier: Apache-2.0
// Config maps and secrets: named texts that functions refer to.
#include "code_engine.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::size_t most = 100; ///< of each kind, in a project
constexpr std::array formats{"generic",   "registry",       "ssh_auth",         "basic_auth", "tls",
                             "hmac_auth", "service_access", "service_operator", "other"};

json::object data_of(const json::object& body, bool secret, const std::string& format) {
    const json::value* data = body.if_contains("data");
    if (!data) return {};
    if (!data->is_object()) throw ApiError(400, "bad_request", "Field 'data' must be an object.");
    static const std::regex key(R"([\w.\-]{1,253})");
    for (const auto& member : data->as_object())
        if (!member.value().is_string() || !std::regex_match(std::string(member.key()), key))
            throw ApiError(400, "bad_request", "Field 'data' has a key or a value that is not valid.");
    json::object all = data->as_object();
    if (secret && format == "registry")
        for (const char* needed : {"username", "password", "server"})
            if (string_or(all, needed).empty())
                throw ApiError(400, "bad_request", std::string("A registry secret needs '") + needed + "'.");
    return all;
}

} // namespace

json::object CodeEngine::describe_resource(const json::object& project, const std::string& kind,
                                           const json::object& stored) const {
    const std::string name = string_or(stored, "name");
    const bool secret = kind == "secrets";
    json::object all{
        {"created_at", string_or(stored, "created_at")},
        {"data", stored.at("data")},
        {"entity_tag", string_or(stored, "entity_tag")},
        {"href", href(project, "/" + kind + "/" + name)},
        {"id", string_or(stored, "id")},
        {"name", name},
        {"project_id", string_or(project, "id")},
        {"region", string_or(project, "region")},
        {"resource_type", secret ? "secret_" + string_or(stored, "format") + "_v2" : "config_map_v2"}};
    if (secret) {
        all["format"] = string_or(stored, "format");
        all["generated_by"] = "user";
        all["resource_type"] = "secret_v2";
    }
    return all;
}

ServerResponse CodeEngine::resources(const HttpCall& call, const json::object& project,
                                     const std::string& kind, const std::string& name) {
    const bool secret = kind == "secrets";
    const std::string collection = "ibm/" + kind, id = string_or(project, "id");
    if (name.empty() && call.method == "GET") {
        json::array all;
        for (const json::value& one : documents(collection, id))
            all.push_back(describe_resource(project, kind, one.as_object()));
        return list(call, kind, all);
    }
    json::object stored;
    if (name.empty()) {
        const json::object body = json_object(call);
        const std::string wanted = string_or(body, "name"), format = string_or(body, "format");
        static const std::regex allowed(
            R"([a-z0-9]([\-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([\-a-z0-9]*[a-z0-9])?)*)");
        if (wanted.size() > 253 || !std::regex_match(wanted, allowed))
            throw ApiError(400, "bad_request", "Field 'name' is not valid.");
        if (secret && std::find(formats.begin(), formats.end(), format) == formats.end())
            throw ApiError(400, "bad_request", "Field 'format' is not valid.");
        if (world_.state().get(collection, id + "/" + wanted))
            throw ApiError(409, "resource_already_exists", "Resource already exists.");
        if (world_.state().keys(collection, id + "/").size() >= most)
            throw ApiError(400, "limit_exceeded", "The limit of 100 per project is reached.");
        stored = {{"name", wanted},
                  {"id", world_.uuid()},
                  {"created_at", to_iso8601(world_.now())},
                  {"data", data_of(body, secret, format)}};
        if (secret) stored["format"] = format;
    } else {
        const auto known = world_.state().get(collection, id + "/" + name);
        if (!known) throw ApiError(404, "resource_not_found", "Resource not found.");
        if (call.method == "GET") {
            ServerResponse answer = json_response(200, describe_resource(project, kind, *known));
            answer.headers.set("ETag", string_or(*known, "entity_tag"));
            return answer;
        }
        if (call.method == "DELETE") {
            world_.state().erase(collection, id + "/" + name);
            return empty_response(202);
        }
        match(call, *known);
        stored = *known;
        const json::object body = json_object(call);
        if (secret && string_or(body, "format") != string_or(stored, "format"))
            throw ApiError(400, "bad_request", "The format of a secret cannot be changed.");
        stored["data"] = data_of(body, secret, string_or(stored, "format"));
    }
    stored["entity_tag"] = new_tag();
    world_.state().put(collection, id + "/" + string_or(stored, "name"), stored);
    return json_response(name.empty() ? 201 : 200, describe_resource(project, kind, stored));
}

} // namespace pyfops::ibm_emulator
