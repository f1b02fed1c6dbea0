// SPDX-License-Identifier: Apache-2.0
// Packages: through the deployment host of an app, or named to the manager; in force when their deployment
// ended.
#include "sites.hpp"

#include "pyfops/error.hpp"
#include "pyfops/package.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace pyfops::azure_emulator {
namespace {

constexpr int failed = 3, success = 4;
constexpr std::size_t kept = 10;

std::string to_upper(std::string_view text) {
    std::string upper(text);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return upper;
}

json::value parse_file(const SourceTree& tree, const std::string& path) {
    const SourceFile* file = tree.find(path);
    if (!file) return nullptr;
    try {
        return parse_json(file->content.view(), path, {.max_bytes = 1u << 20});
    } catch (const Error&) {
        return nullptr;
    }
}

} // namespace

int Sites::status_of(const json::object& deployment) const {
    const auto received = integer_or(deployment, "received_ms"), ends = integer_or(deployment, "ends_ms");
    const auto now = world_.now_ms();
    if (now < received + (ends - received) / 3) return 0;
    if (now < ends) return 2;
    return string_or(deployment, "problem").empty() ? success : failed;
}

/// Folders with a function.json, and what host.json says; both are read once.
void Sites::load_package(json::object& site, const std::string& sha256) {
    site["package"] = sha256;
    site["functions"] = json::array();
    site["host"] = json::object();
    if (sha256.empty()) return;
    json::array functions;
    try {
        const SourceTree tree = read_zip(world_.state().blob(sha256).view());
        if (const json::value host = parse_file(tree, "host.json"); host.is_object()) site["host"] = host;
        for (const auto& [path, file] : tree.files()) {
            const auto slash = path.find('/');
            if (slash == std::string::npos || path.substr(slash) != "/function.json") continue;
            const json::value config = parse_file(tree, path);
            if (config.is_object())
                functions.push_back(json::object{{"name", path.substr(0, slash)}, {"config", config}});
        }
    } catch (const Error& failure) {
        world_.host().log.warning("azure: " + string_or(site, "name") + ": " + failure.what());
    }
    site["functions"] = std::move(functions);
}

std::vector<Sites::Function> Sites::functions_of(const json::object& site) const {
    std::vector<Function> all;
    const json::value* functions = find(site, "functions");
    if (!functions || !functions->is_array()) return all;
    for (const json::value& one : functions->get_array()) {
        Function function;
        function.name = string_or(one, "name");
        function.config = one.as_object().at("config").as_object();
        const json::value* bindings = find(function.config, "bindings");
        if (!bindings || !bindings->is_array()) continue;
        for (const json::value& binding : bindings->get_array()) {
            if (lower_case(string_or(binding, "type")) != "httptrigger") continue;
            function.route = string_or(binding, "route", function.name);
            function.level = lower_case(string_or(binding, "authLevel", "function"));
            if (const json::value* methods = find(binding, "methods"); methods && methods->is_array())
                for (const json::value& method : methods->get_array())
                    if (method.is_string())
                        function.methods.insert(to_upper(std::string_view(method.get_string())));
            all.push_back(function);
        }
    }
    return all;
}

bool Sites::are_listed(const json::object& site) const {
    return site.contains("listed_ms") && integer_or(site, "listed_ms") <= world_.now_ms();
}

void Sites::settle(json::object& site) {
    json::value* deployments = site.if_contains("deployments");
    if (!deployments || deployments->as_array().empty()) return;
    json::object& last = deployments->as_array().back().as_object();
    if (last.contains("settled") || status_of(last) < failed) return;
    last["settled"] = true;
    if (const std::string words = world_.failure(); !words.empty()) last["problem"] = words;
    if (status_of(last) == success) {
        const std::string sha256 = string_or(last, "sha256");
        retire(site);
        load_package(site, sha256);
        site["image"] = "azure/" + lower_case(string_or(site, "name")) + "/" + world_.uuid();
        // Until the triggers are synchronised nothing is listed.
        site["listed_ms"] = world_.now_ms() + world_.setting("azure.sync_ms", 60'000);
    }
    save(site);
}

ServerResponse Sites::publish(const Call& call, json::object site, Bytes archive) {
    json::array deployments;
    if (const json::value* all = find(site, "deployments")) deployments = all->as_array();
    if (!deployments.empty() && !deployments.back().as_object().contains("settled"))
        throw ApiError(409, "Conflict",
                       "There is a deployment currently in progress. Please try again when it completes.");
    std::string problem;
    try {
        const SourceTree tree = read_zip(archive.view());
        if (!tree.find("host.json")) problem = "The package has no host.json at its root.";
    } catch (const Error& failure) {
        problem = "The package could not be unpacked: " + failure.message();
    }
    const auto now = world_.now_ms();
    const std::string id = world_.uuid();
    deployments.push_back(json::object{{"id", id},
                                       {"received_ms", now},
                                       {"received", world_.now_text()},
                                       {"ends_ms", now + world_.setting("azure.publish_ms", 100)},
                                       {"deployer", call.parameter("Deployer").value_or("")},
                                       {"sha256", world_.state().put_blob(archive.view())},
                                       {"problem", problem}});
    if (deployments.size() > kept) deployments.erase(deployments.begin());
    site["deployments"] = std::move(deployments);
    save(site);
    return json_response(202, json::string(id));
}

ServerResponse Sites::one_deploy(const Call& call, json::object site) {
    const json::object body = json_body(call);
    const std::string address = string_or(object_at(body, "properties"), "packageUri");
    const auto archive = storage_.fetch(address);
    if (!archive) throw ApiError(400, "BadRequest", "The package at packageUri could not be fetched.");
    publish(call, std::move(site), *archive);
    return json_response(200, json::object{{"properties", {{"packageUri", address}}}});
}

json::object Sites::describe_deployment(const Call& call, const json::object& site,
                                        const json::object& deployment) const {
    static constexpr const char* texts[] = {"Pending", "Building", "Deploying", "Failed", "Success"};
    const int status = status_of(deployment);
    const std::string id = string_or(deployment, "id");
    const std::string url = call.base + "/api/deployments/" + id;
    return {{"id", id},
            {"status", status},
            {"status_text", texts[status]},
            {"author", "N/A"},
            {"deployer", string_or(deployment, "deployer")},
            {"remoteBuild", false},
            {"received_time", string_or(deployment, "received")},
            {"start_time", string_or(deployment, "received")},
            {"end_time", status >= failed ? json::value(world_.now_text()) : json::value(nullptr)},
            {"complete", status >= failed},
            {"active", status == success},
            {"is_temp", false},
            {"is_readonly", true},
            {"url", url},
            {"log_url", url + "/log"},
            {"site_name", string_or(site, "name")},
            {"build_summary", {{"errors", json::array()}, {"warnings", json::array()}}}};
}

ServerResponse Sites::deployment_status(const Call& call, const json::object& site) const {
    json::array all;
    if (const json::value* deployments = find(site, "deployments"))
        for (const json::value& one : deployments->as_array()) {
            const json::object& deployment = one.as_object();
            const int status = status_of(deployment);
            const std::string id = string_or(deployment, "id");
            all.push_back(json::object{{"id", string_or(describe(site), "id") + "/deploymentStatus/" + id},
                                       {"name", id},
                                       {"type", "Microsoft.Web/sites/deploymentStatus"},
                                       {"properties",
                                        {{"deploymentId", id},
                                         {"status", status == success  ? "RuntimeSuccessful"
                                                    : status == failed ? "RuntimeFailed"
                                                                       : "BuildInProgress"},
                                         {"numberOfInstancesInProgress", 0},
                                         {"numberOfInstancesSuccessful", status == success ? 1 : 0},
                                         {"numberOfInstancesFailed", status == failed ? 1 : 0}}}});
        }
    if (call.operation == "web:ListDeploymentStatus")
        return json_response(200, json::object{{"value", std::move(all)}});
    if (call.operation == "web:GetOneDeploy") {
        if (all.empty()) throw ApiError(404, "NotFound", "There is no deployment.");
        return json_response(200, all.back());
    }
    for (json::value& one : all)
        if (string_or(one, "name") == call.label("deployment")) return json_response(200, std::move(one));
    throw ApiError(404, "NotFound", "Deployment status '" + call.label("deployment") + "' was not found.");
}

/// What went wrong stands behind the entry that says that something did, as Kudu has it.
json::array Sites::log_of(const Call& call, const json::object& deployment) const {
    const auto entry = [](const std::string& time, const std::string& message, json::value details) {
        return json::object{{"log_time", time}, {"message", message}, {"details_url", std::move(details)}};
    };
    const std::string problem = string_or(deployment, "problem");
    const bool bad = status_of(deployment) == failed;
    if (call.operation == "scm:GetDeploymentLogDetails")
        return bad ? json::array{entry(world_.now_text(), problem, nullptr)} : json::array{};
    json::array lines{entry(string_or(deployment, "received"), "Uploading the package", nullptr)};
    if (bad)
        lines.push_back(
            entry(world_.now_text(), "Deployment failed.",
                  json::string(call.base + "/api/deployments/" + string_or(deployment, "id") + "/log/1")));
    return lines;
}

ServerResponse Sites::handle_scm(const Call& call) {
    const std::string name = call.host.substr(0, call.host.find('.'));
    auto found = world_.state().get("azure/sites", name);
    if (!found) throw ApiError(404, "NotFound", "404 Site Not Found");
    json::object site = std::move(*found);
    settle(site);
    if (call.operation == "scm:Publish") {
        if (!resources_.has_ended(string_or(site, "operation")))
            throw ApiError(503, "ServiceUnavailable", "The service is unavailable.");
        if (!is_flex(site)) throw ApiError(404, "NotFound", "Not found.");
        if (call.body.empty()) throw ApiError(400, "BadRequest", "The request has no package.");
        return publish(call, std::move(site), Bytes(call.body));
    }
    json::array deployments;
    if (const json::value* all = find(site, "deployments")) deployments = all->as_array();
    if (call.operation == "scm:ListDeployments") {
        json::array all;
        for (const json::value& one : deployments)
            all.push_back(describe_deployment(call, site, one.as_object()));
        return json_response(200, std::move(all));
    }
    const std::string& id = call.label("deployment");
    for (std::size_t i = deployments.size(); i-- > 0;) {
        const json::object& deployment = deployments[i].as_object();
        if (id != "latest" && string_or(deployment, "id") != id) continue;
        if (call.operation == "scm:GetDeployment") {
            json::object answer = describe_deployment(call, site, deployment);
            answer["url"] = call.base + "/api/deployments/" + string_or(deployment, "id");
            return json_response(200, std::move(answer));
        }
        return json_response(200, log_of(call, deployment));
    }
    throw ApiError(404, "NotFound", "Deployment '" + id + "' not found.");
}

} // namespace pyfops::azure_emulator
