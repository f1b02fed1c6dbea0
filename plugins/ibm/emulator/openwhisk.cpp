// SPDX-License-Identifier: Apache-2.0
// Routes, keys and packages.
#include "openwhisk.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::string_view name_space = "guest";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// api/v1/namespaces/{ns}/{kind}/{rest...}
bool is_api(const HttpCall& call) {
    return call.segments.size() >= 3 && call.segments[0] == "api" && call.segments[1] == "v1";
}

std::string action_operation(const HttpCall& call, bool named) {
    if (!named) return call.method == "GET" ? "ListActions" : "";
    if (call.method == "GET") return "GetAction";
    if (call.method == "DELETE") return "DeleteAction";
    if (call.method == "POST") return "InvokeAction";
    if (call.method != "PUT") return "";
    return query_field(call.query, "overwrite") == "true" ? "UpdateAction" : "CreateAction";
}

} // namespace

std::string openwhisk_operation(const HttpCall& call) {
    if (!is_api(call)) return {};
    const auto& parts = call.segments;
    if (parts[2] == "web") return parts.size() >= 6 ? "InvokeWebAction" : "";
    if (parts[2] != "namespaces") return {};
    if (parts.size() == 3) return call.method == "GET" ? "ListNamespaces" : "";
    if (parts.size() < 5) return {};
    const std::string& kind = parts[4];
    if (kind == "limits") return call.method == "GET" ? "GetLimits" : "";
    if (kind == "actions")
        return parts.size() <= 7 ? action_operation(call, parts.size() > 5 && !parts.back().empty()) : "";
    if (kind == "packages") {
        if (parts.size() == 5) return call.method == "GET" ? "ListPackages" : "";
        if (call.method == "PUT") return "UpdatePackage";
        return call.method == "GET" ? "GetPackage" : call.method == "DELETE" ? "DeletePackage" : "";
    }
    if (kind == "activations" && call.method == "GET")
        return parts.size() == 5 ? "ListActivations" : "GetActivation";
    return {};
}

Window window_of(const World& world, const HttpCall& call) {
    const auto number = [&](const char* name, std::size_t otherwise) {
        const auto text = query_field(call.query, name);
        if (!text || text->empty()) return otherwise;
        if (text->find_first_not_of("0123456789") != std::string::npos || text->size() > 9)
            throw ApiError(400, "", std::string("The query parameter '") + name + "' is not valid.");
        return static_cast<std::size_t>(std::stoul(*text));
    };
    Window window{number("skip", 0), number("limit", 30)};
    if (window.limit > 200)
        throw ApiError(400, "",
                       "The value '" + std::to_string(window.limit) +
                           "' is not in the range of 0 to 200 for limit.");
    window.limit = world.page(window.limit == 0 ? 200 : window.limit);
    return window;
}

bool annotation_is_true(const json::object& action, std::string_view key) {
    const json::value* list = find(action, "annotations");
    if (!list || !list->is_array()) return false;
    for (const json::value& one : list->as_array()) {
        const json::value* value = find(one, "value");
        if (string_or(one, "key") == key && value && value->is_bool()) return value->as_bool();
    }
    return false;
}

std::string OpenWhisk::key() const {
    return world_.kept("openwhisk", [this] { return world_.uuid() + ":" + world_.random_text(64, letters); });
}

void OpenWhisk::authenticate(const HttpCall& call) const {
    constexpr std::string_view scheme = "Basic ";
    const std::string header = call.headers.get("Authorization");
    std::string given;
    try {
        if (header.starts_with(scheme)) given = base64_decode(header.substr(scheme.size()));
    } catch (const Error&) { // no key at all
    }
    if (!equal_secret(given, key())) throw ApiError(401, "", "The supplied authentication is invalid");
}

json::object OpenWhisk::limits() const {
    return {{"invocationsPerMinute", 60}, {"concurrentInvocations", 30}, {"firesPerMinute", 60},
            {"maxActionMemory", 512},     {"minActionMemory", 128},      {"maxActionTimeout", 300000},
            {"minActionTimeout", 100}};
}

ServerResponse OpenWhisk::packages(const HttpCall& call, const std::string& name) {
    constexpr const char* collection = "ibm/packages";
    if (name.empty()) {
        json::array all;
        for (const std::string& key : world_.state().keys(collection))
            all.push_back(*world_.state().get(collection, key));
        return json_response(200, all);
    }
    auto known = world_.state().get(collection, name);
    if (call.method == "PUT") {
        if (known && query_field(call.query, "overwrite") != "true")
            throw ApiError(409, "", "resource already exists");
        json::object stored = known.value_or(json::object{{"namespace", name_space},
                                                          {"name", name},
                                                          {"version", "0.0.1"},
                                                          {"publish", false},
                                                          {"annotations", json::array()},
                                                          {"parameters", json::array()},
                                                          {"binding", json::object()}});
        for (const auto& member : json_object(call))
            if (stored.contains(member.key())) stored[member.key()] = member.value();
        world_.state().put(collection, name, stored);
        return json_response(200, stored);
    }
    if (!known) throw ApiError(404, "", "The requested resource does not exist.");
    if (call.method == "DELETE") {
        if (!world_.state().keys("ibm/actions", name + "/").empty())
            throw ApiError(409, "", "Package not empty (contains 1 or more entities).");
        world_.state().erase(collection, name);
    }
    return json_response(200, *known);
}

Task<ServerResponse> OpenWhisk::handle(HttpCall call, std::string transaction) {
    const std::string operation = openwhisk_operation(call);
    if (operation.empty()) throw ApiError(404, "", "The requested resource does not exist.");
    if (operation == "InvokeWebAction") {
        auto answering = web(std::move(call), std::move(transaction));
        ServerResponse answer = co_await std::move(answering);
        co_return answer;
    }
    authenticate(call);
    const auto& parts = call.segments;
    if (operation == "ListNamespaces") co_return json_response(200, json::array{name_space});
    if (parts[3] != "_" && parts[3] != name_space)
        throw ApiError(403, "",
                       "The supplied authentication is not authorized to access '" + parts[3] + "'.");
    if (operation == "GetLimits") co_return json_response(200, limits());
    if (parts[4] == "packages") co_return packages(call, parts.size() > 5 ? parts[5] : "");
    if (parts[4] == "activations") co_return activations(call);
    // A name, or package and name; a package alone ends in a slash.
    Name name = parts.size() > 5 ? parts[5] : "";
    if (parts.size() > 6) name += "/" + parts[6];
    if (operation == "ListActions") co_return list_actions(call, name);
    if (operation == "InvokeAction") {
        auto answering = invoke(std::move(call), std::move(name));
        ServerResponse answer = co_await std::move(answering);
        co_return answer;
    }
    if (call.method == "PUT") co_return put_action(call, name);
    if (call.method == "DELETE") co_return delete_action(name);
    co_return json_response(200, describe_action(action(name), query_field(call.query, "code") != "false"));
}

} // namespace pyfops::ibm_emulator
