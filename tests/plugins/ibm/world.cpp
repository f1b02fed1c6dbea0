// SPDX-License-Identifier: Apache-2.0
#include "plugins/ibm/world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/jwt.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace ibm_test {

using namespace pyfops;
using testing::reply;

namespace {

std::string query(const HttpRequest& request, const std::string& name) {
    const std::string text = "&" + std::string(request.url.query());
    const auto at = text.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const std::string rest = text.substr(at + name.size() + 2);
    return percent_decode(rest.substr(0, rest.find('&')));
}

HttpResponse answer(int status, const json::value& value) {
    return reply(status, json::serialize(value));
}

/// One page of a list, of `size` entries, from the place that the token names.
HttpResponse paged(const HttpRequest& request, const char* member, const std::vector<json::object>& all,
                   int size) {
    const std::string start = query(request, "start");
    const std::size_t from = start.empty() ? 0 : std::stoul(start);
    json::array items;
    json::object page;
    for (std::size_t i = from; i < all.size(); ++i) {
        if (static_cast<int>(items.size()) == size) {
            page["next"] = {{"href", "x"}, {"start", std::to_string(i)}};
            break;
        }
        items.push_back(all[i]);
    }
    page[member] = items;
    return answer(200, page);
}

} // namespace

HttpResponse refuse(int status, const std::string& code, const std::string& message) {
    const json::array errors{json::object{{"code", code}, {"message", message}}};
    return answer(status, json::object{{"errors", errors}, {"trace", "t"}, {"status_code", status}});
}

json::object body(const HttpRequest& request) {
    return parse_json(request.body.view(), "the request").as_object();
}

World::World() {
    host.system.environment = {{"CODE_ENGINE_APIKEY", "the-api-key-of-the-test"}};
    function.name = "thumbnail";
    function.module = "thumbnail";
    function.callable = "handler";
    target.identity = {"gate", "thumbnail", "ibm", "eu-de", Realm::real, "auto"};
    target.memory_mb = 2048;
    target.timeout_seconds = 30;
    target.python = "3.13";
    target.runtime = "python-3.13";
    target.glibc = "2.17";
    target.cloud_name = "gate-thumbnail";
    set_package("first");
    host.http.on("POST https://iam.cloud.ibm.com/identity/token", [this](const HttpRequest&) {
        ++tokens;
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(host.clock.system_now().time_since_epoch())
                .count();
        const json::object claims{{"account", {{"bss", "acc"}}}, {"sub", "me"}, {"exp", now + token_seconds}};
        const std::string token =
            sdk::encode_jwt({{"alg", "none"}}, claims, [](std::string_view) { return std::string("s"); });
        return answer(200, json::object{{"access_token", token},
                                        {"expires_in", token_seconds},
                                        {"expiration", now + token_seconds}});
    });
    host.http.on("* https://api.eu-de.codeengine.cloud.ibm.com/v2/*",
                 [this](const HttpRequest& request) { return code_engine(request); });
}

void World::set_package(const std::string& content, const std::string& suffix) {
    package = testing::fake_package(content);
    package.suffix = suffix;
    mark = {"gate", target.identity.str(), sha256_hex("configuration" + package.content_hash)};
}

HttpResponse World::code_engine(const HttpRequest& request) {
    return stop.around([&] { return acted(request); });
}

HttpResponse World::acted(const HttpRequest& request) {
    if (!request.headers.get("Authorization").starts_with("Bearer ey"))
        return refuse(401, "unauthorized", "no token");
    const std::string path(request.url.path().substr(std::string_view("/v2").size()));
    if (path == "/function_runtimes")
        return answer(200, json::object{{"function_runtimes", json::array{json::object{{"id", runtime}}}}});
    if (path != "/projects") return one_project(path.substr(std::string_view("/projects/").size()), request);
    if (request.method == "GET") {
        std::vector<json::object> all;
        for (const auto& [name, id] : projects)
            all.push_back({{"id", id}, {"name", name}, {"status", project_status[id]}});
        return paged(request, "projects", all, page);
    }
    const std::string name = string_or(body(request), "name"),
                      id = "id-" + std::to_string(projects.size() + 1);
    if (const auto known = projects.find(name);
        known != projects.end() && project_status[known->second] != "soft_deleted")
        return refuse(409, "resource_already_exists", "A project of that name exists already.");
    projects[name] = id;
    ++projects_made;
    project_status[id] = slow_project > 0 ? "creating" : "active";
    return answer(202, json::object{{"id", id}, {"name", name}, {"status", project_status[id]}});
}

HttpResponse World::one_project(const std::string& rest, const HttpRequest& request) {
    const std::string id = rest.substr(0, rest.find('/'));
    const auto found =
        std::find_if(projects.begin(), projects.end(), [&](const auto& one) { return one.second == id; });
    if (found == projects.end()) return refuse(404, "resource_not_found", "Resource not found.");
    if (rest == id && request.method == "DELETE") {
        project_status[id] = "soft_deleted";
        return reply(202);
    }
    if (rest == id) {
        const json::object described{{"id", id}, {"name", found->first}, {"status", project_status[id]}};
        if (project_status[id] == "creating" && --slow_project <= 0) project_status[id] = "active";
        return answer(200, described);
    }
    const std::string below = rest.substr(id.size() + 1), kind = below.substr(0, below.find('/'));
    const std::string name = below == kind ? "" : below.substr(kind.size() + 1);
    if (kind == "functions") return functions_of(name, request);
    if (kind == "secrets") return stored(secrets, name, request);
    if (request.method == "GET" && build_runs.contains(name)) {
        Stored& run = build_runs[name];
        const bool running = run.busy-- > 0;
        return answer(200,
                      json::object{{"name", name},
                                   {"status", running ? "running" : build_status},
                                   {"status_details", {{"reason", running ? "running" : build_reason}}}});
    }
    return stored(build_runs, name, request);
}

HttpResponse World::stored(std::map<std::string, Stored>& all, const std::string& name,
                           const HttpRequest& request) {
    if (request.method == "POST") {
        const std::string made = string_or(body(request), "name");
        if (all.contains(made)) return refuse(409, "resource_already_exists", "Resource already exists.");
        all[made].body = body(request);
        all[made].busy = slow;
        return answer(all.size() && &all == &build_runs ? 202 : 201, all[made].body);
    }
    const auto found = all.find(name);
    if (found == all.end()) return refuse(404, "resource_not_found", "Resource not found.");
    if (request.method == "DELETE") {
        all.erase(found);
        return reply(202);
    }
    if (request.method == "PUT") {
        if (request.headers.get("If-Match") != std::to_string(found->second.tag))
            return refuse(412, "precondition_failed", "changed");
        ++found->second.tag;
        found->second.body["data"] = body(request).at("data");
    }
    json::object described = found->second.body;
    described["entity_tag"] = std::to_string(found->second.tag);
    return answer(200, described);
}

json::object World::describe(const std::string& name, Stored& one) {
    json::object all = one.body;
    all["name"] = name;
    all["entity_tag"] = std::to_string(one.tag);
    all["endpoint"] = "https://" + name + ".sub.eu-de.codeengine.appdomain.cloud";
    const bool busy = one.busy > 0;
    all["status"] = busy && one.tag == 1 ? "deploying" : one.status;
    all["status_details"] = {{"reason", !busy          ? one.reason
                                        : one.tag == 1 ? "deploying"
                                                       : "ready_update_in_progress"}};
    return all;
}

HttpResponse World::functions_of(const std::string& name, const HttpRequest& request) {
    if (request.method == "POST") {
        const std::string made = string_or(body(request), "name");
        if (functions.contains(made))
            return refuse(409, "resource_already_exists", "Resource already exists.");
        if (string_or(body(request), "runtime") != runtime)
            return refuse(400, "bad_request", "no such runtime");
        functions[made] = {body(request), slow, settled, settled_reason, 1};
        return answer(201, describe(made, functions[made]));
    }
    if (name.empty()) {
        std::vector<json::object> all;
        for (auto& [one, kept] : functions)
            all.push_back(describe(one, kept));
        return paged(request, "functions", all, page);
    }
    const auto found = functions.find(name);
    if (found == functions.end()) return refuse(404, "resource_not_found", "Resource not found.");
    Stored& one = found->second;
    if (request.method == "DELETE") {
        functions.erase(found);
        return reply(202);
    }
    if (request.method == "PATCH") {
        if (request.headers.get("If-Match") != std::to_string(one.tag))
            return refuse(412, "precondition_failed", "changed");
        for (const auto& member : body(request))
            if (member.value().is_null())
                one.body.erase(member.key());
            else
                one.body[member.key()] = member.value();
        ++one.tag;
        one.busy = slow;
        one.status = settled;
        one.reason = settled_reason;
        return answer(200, describe(name, one));
    }
    const json::object described = describe(name, one);
    if (one.busy > 0) --one.busy;
    if (one.dying > 0 && --one.dying == 0) functions.erase(found);
    return answer(200, described);
}

std::string World::variable(const std::string& name) {
    for (const json::value& one : functions.at(target.cloud_name).body.at("run_env_variables").as_array())
        if (string_or(one, "name") == name)
            return string_or(one, "type") == "literal"
                       ? string_or(one, "value")
                       : string_or(one, "reference") + "/" + string_or(one, "key");
    return {};
}

std::vector<std::string> World::operations() {
    const auto all = host.http.operations();
    std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
}

std::vector<std::string> World::writes() {
    auto all = operations();
    std::erase_if(all, [](const std::string& name) {
        const std::string verb = name.substr(name.find(':') + 1);
        return verb.starts_with("Get") || verb.starts_with("List");
    });
    return all;
}

Deployment World::deploy() {
    StageContext context = host.context(std::chrono::minutes(30));
    const DeployRequest request{function, target, package, environment, secret_values, mark, settings};
    return host.run(provider().deployer().deploy(request, context));
}

Error World::deploy_error() {
    try {
        deploy();
    } catch (const Error& failure) {
        return failure;
    }
    throw std::runtime_error("the deployment went well");
}

std::optional<Deployment> World::find() {
    StageContext context = host.context();
    const FindRequest request{target.identity, target.cloud_name, settings};
    return host.run(provider().deployer().find(request, context));
}

void World::remove() {
    StageContext context = host.context();
    const RemoveRequest request{target.identity, target.cloud_name, settings};
    host.run(provider().deployer().remove(request, context));
}

void World::remove_shared() {
    StageContext context = host.context();
    const ListRequest request{"gate", "eu-de", Realm::real, settings};
    host.run(provider().deployer().remove_shared(request, context));
}

std::vector<Deployment> World::list() {
    StageContext context = host.context();
    const ListRequest request{"gate", "eu-de", Realm::real, settings};
    return host.run(provider().deployer().list(request, context));
}

} // namespace ibm_test
