// SPDX-License-Identifier: Apache-2.0
// Routes, and what all kinds of resources share.
#include "code_engine.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace pyfops::ibm_emulator {
namespace {

struct Kind {
    std::string_view path, one, many;
    std::string_view change; ///< the method that changes one: PUT, PATCH, or none
};
constexpr std::array kinds{
    Kind{"functions", "Function", "Functions", "PATCH"},
    Kind{"config_maps", "ConfigMap", "ConfigMaps", "PUT"}, Kind{"secrets", "Secret", "Secrets", "PUT"},
    Kind{"builds", "Build", "Builds", "PATCH"}, Kind{"build_runs", "BuildRun", "BuildRuns", ""}};

std::string operation_of(const Kind& kind, const std::string& method, bool named) {
    if (!named)
        return method == "GET"    ? "List" + std::string(kind.many)
               : method == "POST" ? "Create" + std::string(kind.one)
                                  : "";
    if (method == "GET") return "Get" + std::string(kind.one);
    if (method == "DELETE") return "Delete" + std::string(kind.one);
    if (method != kind.change) return "";
    return (method == "PUT" ? "Replace" : "Update") + std::string(kind.one);
}

} // namespace

bool is_endpoint(std::string_view host) {
    return host.ends_with(".codeengine.appdomain.cloud");
}

std::string code_engine_operation(const HttpCall& call) {
    const auto& parts = call.segments;
    if (parts.size() < 2 || parts.front() != "v2") return {};
    if (parts[1] == "function_runtimes")
        return parts.size() == 2 && call.method == "GET" ? "ListFunctionRuntimes" : "";
    if (parts[1] != "projects" || parts.size() > 5) return {};
    if (parts.size() == 2)
        return call.method == "GET" ? "ListProjects" : call.method == "POST" ? "CreateProject" : "";
    if (parts.size() == 3)
        return call.method == "GET" ? "GetProject" : call.method == "DELETE" ? "DeleteProject" : "";
    if (parts[3] == "status_details")
        return parts.size() == 4 && call.method == "GET" ? "GetProjectStatusDetails" : "";
    for (const Kind& kind : kinds)
        if (parts[3] == kind.path) return operation_of(kind, call.method, parts.size() == 5);
    return {};
}

CodeEngine::Path CodeEngine::path_of(const HttpCall& call) {
    const auto at = [&](std::size_t i) {
        return call.segments.size() > i ? call.segments[i] : std::string();
    };
    return {at(2), at(3), at(4)};
}

std::string CodeEngine::region_of(const HttpCall& call) const {
    // api.<region>.codeengine.cloud.ibm.com
    constexpr std::string_view start = "api.", end = ".codeengine.cloud.ibm.com";
    if (!call.host.starts_with(start) || !call.host.ends_with(end)) return std::string(default_region);
    std::string region = call.host.substr(start.size(), call.host.size() - start.size() - end.size());
    if (region.starts_with("private.")) region.erase(0, 8);
    return region;
}

std::string CodeEngine::href(const json::object& project, const std::string& path) const {
    return "https://api." + string_or(project, "region") + ".codeengine.cloud.ibm.com/v2/projects/" +
           string_or(project, "id") + path;
}

json::object CodeEngine::project(const std::string& id) {
    const auto stored = world_.state().get("ibm/projects", id);
    if (!stored) throw ApiError(404, "resource_not_found", "Resource not found.");
    json::object described = describe_project(*stored);
    if (string_or(described, "status") != "active")
        throw ApiError(409, "project_not_active", "The project is '" + string_or(described, "status") + "'.");
    described["subdomain"] = string_or(*stored, "subdomain");
    return described;
}

json::array CodeEngine::documents(const std::string& collection, const std::string& project) const {
    json::array all;
    for (const std::string& key : world_.state().keys(collection, project + "/"))
        if (auto document = world_.state().get(collection, key)) all.push_back(std::move(*document));
    return all;
}

/// A page: {"first", "limit", "next", "<member>": []}. The token is the place in the list.
ServerResponse CodeEngine::list(const HttpCall& call, const std::string& member,
                                const json::array& all) const {
    const auto field = [&](const char* name, std::size_t otherwise) {
        const auto text = query_field(call.query, name);
        if (!text || text->empty()) return otherwise;
        if (text->find_first_not_of("0123456789") != std::string::npos)
            throw ApiError(400, "bad_request", std::string("Parameter '") + name + "' is not valid.");
        return static_cast<std::size_t>(std::stoul(*text));
    };
    const std::size_t limit = field("limit", 100);
    const std::size_t start = std::min(field("start", 0), all.size());
    if (limit < 1 || limit > 100)
        throw ApiError(400, "bad_request", "Parameter 'limit' must be between 1 and 100.");
    const std::size_t end = std::min(start + world_.page(limit), all.size());
    const std::string base = "https://api." + region_of(call) + ".codeengine.cloud.ibm.com" + call.path +
                             "?limit=" + std::to_string(limit);
    json::object page{{"first", {{"href", base}}},
                      {"limit", limit},
                      {member, json::array(all.begin() + static_cast<std::ptrdiff_t>(start),
                                           all.begin() + static_cast<std::ptrdiff_t>(end))}};
    if (end < all.size()) {
        const std::string next = std::to_string(end);
        page["next"] = {{"href", base + "&start=" + next}, {"start", next}};
    }
    return json_response(200, page);
}

std::string CodeEngine::new_tag() const {
    return world_.random_text(10, "123456789");
}

void CodeEngine::match(const HttpCall& call, const json::object& document) const {
    const std::string wanted = call.headers.get("If-Match");
    if (wanted.empty()) throw ApiError(400, "bad_request", "The header 'If-Match' is required.");
    if (wanted != "*" && wanted != string_or(document, "entity_tag"))
        throw ApiError(412, "precondition_failed", "The entity tag does not match the current version.");
}

ServerResponse CodeEngine::handle(const HttpCall& call) {
    const std::string operation = code_engine_operation(call);
    if (operation.empty()) throw ApiError(404, "resource_not_found", "Resource not found.");
    if (operation == "ListFunctionRuntimes") return runtimes();
    const Path path = path_of(call);
    if (path.kind.empty() || path.kind == "status_details") return projects(call, path);
    const json::object inside = project(path.project);
    if (path.kind == "functions") return functions(call, inside, path.name);
    if (path.kind == "builds") return builds(call, inside, path.name);
    if (path.kind == "build_runs") return build_runs(call, inside, path.name);
    return resources(call, inside, path.kind, path.name);
}

} // namespace pyfops::ibm_emulator
