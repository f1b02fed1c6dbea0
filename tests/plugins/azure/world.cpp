// SPDX-License-Identifier: Apache-2.0
#include "plugins/azure/world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace azure_test {

using namespace pyfops;
using testing::reply;

namespace {

const std::string subscription = "11111111-2222-3333-4444-555555555555";

json::object tags_in(const json::value& sent) {
    const json::value* tags = pyfops::find(sent, "tags");
    return tags ? tags->as_object() : json::object();
}

} // namespace

HttpResponse error(int status, const std::string& code, const std::string& message) {
    return reply(status, json::serialize(json::object{{"error", {{"code", code}, {"message", message}}}}));
}

json::value body(const HttpRequest& request) {
    return request.body.empty() ? json::value(json::object())
                                : parse_json(request.body.view(), "the request");
}

World::World() : provider(std::make_unique<azure::AzureProvider>()) {
    host.system.environment = {{"AZURE_TENANT_ID", "tenant"},
                               {"AZURE_CLIENT_ID", "client"},
                               {"AZURE_CLIENT_SECRET", "very-secret-value"},
                               {"AZURE_SUBSCRIPTION_ID", subscription}};
    function.name = "thumbnail";
    function.type = "thumbnailType";
    function.module = "thumbnail";
    function.callable = "handler";
    target.identity = {"gate", "thumbnail", "azure", "westeurope", Realm::real, "auto"};
    target.memory_mb = 2048;
    target.timeout_seconds = 30;
    target.python = "3.12";
    target.runtime = "python3.12";
    target.glibc = "2.31";
    target.cloud_name = "gate-thumbnail";
    set_package("first");
    host.http.on("POST https://login.microsoftonline.com/*",
                 reply(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"token-1"})"));
    serve("* https://management.azure.com/*", &World::manager);
    serve("* https://*.scm.azurewebsites.net/*", &World::scm);
    serve("* https://*.blob.core.windows.net/*", &World::blob);
}

void World::serve(const std::string& pattern, Part part) {
    host.http.on(pattern, [this, part](const HttpRequest& request) {
        return stop.around([&] { return (this->*part)(request); });
    });
}

HttpResponse World::blob(const HttpRequest& request) {
    const std::string path(request.url.path());
    if (request.method == "DELETE") return reply(blobs.erase(path) ? 202 : 404);
    blobs.insert(path);
    return reply(201);
}

void World::set_package(const std::string& content) {
    package = testing::fake_package(content);
    mark = {"gate", target.identity.str(), sha256_hex("configuration" + package.content_hash)};
}

HttpResponse World::later(const std::string& header, const std::string& url) {
    polls_ = slow;
    return reply(202, "", {{header, "https://management.azure.com" + url}, {"Retry-After", "3"}});
}

HttpResponse World::manager(const HttpRequest& request) {
    if (request.headers.get("Authorization") != "Bearer token-1")
        return error(401, "InvalidAuthenticationToken", "The access token is invalid.");
    const std::string path(request.url.path());
    if (path.find("/operationResults/") != std::string::npos)
        return reply(200, --polls_ > 0 ? R"({"status":"InProgress"})" : R"({"status":"Succeeded"})",
                     {{"Retry-After", "3"}});
    if (path.find("/asyncoperations/") != std::string::npos)
        return --polls_ > 0 ? reply(202, "", {{"Retry-After", "3"}}) : reply(200, "{}");
    const std::string start = "/subscriptions/" + subscription;
    if (!path.starts_with(start))
        return error(404, "SubscriptionNotFound", "The subscription could not be found.");
    const std::string rest = path.substr(start.size());
    if (rest == "/providers/Microsoft.Web/checknameavailability")
        return reply(200, json::serialize(json::object{
                              {"nameAvailable", !sites.contains(string_or(body(request), "name"))}}));
    if (rest.starts_with("/providers/")) {
        const std::string name(split(rest, '/')[2]);
        if (request.method == "POST") registered.insert(name);
        return reply(200,
                     json::serialize(json::object{
                         {"registrationState", registered.contains(name) ? "Registered" : "NotRegistered"}}));
    }
    const auto parts = split(rest, '/');
    const std::string group(parts[2]);
    if (parts.size() == 3) {
        if (request.method == "PUT") {
            const bool known = groups.contains(group);
            groups[group] = body(request).as_object();
            return reply(known ? 200 : 201, json::serialize(groups[group]));
        }
        if (!groups.contains(group))
            return error(404, "ResourceGroupNotFound", "Resource group could not be found.");
        if (request.method == "DELETE") {
            groups.erase(group);
            return later("Location", "/subscriptions/x/asyncoperations/1");
        }
        return reply(200, json::serialize(groups[group]));
    }
    if (!groups.contains(group))
        return error(404, "ResourceGroupNotFound", "Resource group could not be found.");
    if (parts[3] == "resources") {
        json::array all;
        for (const auto& [name, one] : accounts)
            all.push_back(json::object{{"name", name}});
        for (const auto& [name, one] : sites)
            all.push_back(json::object{{"name", name}});
        return reply(200, json::serialize(json::object{{"value", all}}));
    }
    const std::string what = rest.substr(rest.find("/providers/") + 11);
    return what.starts_with("Microsoft.Storage/") ? storage(request, what.substr(18))
                                                  : web(request, what.substr(14));
}

HttpResponse World::storage(const HttpRequest& request, const std::string& path) {
    const auto parts = split(path, '/');
    const std::string name(parts[1]);
    if (parts.size() > 3) {
        const std::string container = name + "/" + std::string(parts[5]);
        if (request.method == "DELETE") return reply(containers.erase(container) ? 200 : 204);
        if (request.method == "GET")
            return containers.contains(container)
                       ? reply(200, "{}")
                       : error(404, "ContainerNotFound", "The specified container does not exist.");
        return reply(containers.insert(container).second ? 201 : 200, "{}");
    }
    if (request.method == "PUT") {
        accounts[name] = body(request).as_object();
        return later("Location",
                     "/subscriptions/x/providers/Microsoft.Storage/locations/y/asyncoperations/1");
    }
    if (request.method == "DELETE") return reply(accounts.erase(name) ? 200 : 204);
    if (!accounts.contains(name)) return error(404, "ResourceNotFound", "The storage account was not found.");
    if (parts.size() == 3) return reply(200, R"({"keys":[{"keyName":"key1","value":"c2VjcmV0LWtleQ=="}]})");
    return reply(200, json::serialize(accounts[name]));
}

HttpResponse World::web(const HttpRequest& request, const std::string& path) {
    const auto parts = split(path, '/');
    if (parts[0] == "serverfarms") {
        const std::string name(parts[1]);
        if (request.method == "PUT") plans[name] = body(request).as_object();
        if (request.method == "DELETE") return reply(plans.erase(name) ? 200 : 204);
        if (!plans.contains(name)) return error(404, "ResourceNotFound", "The plan was not found.");
        return reply(200, json::serialize(plans[name]));
    }
    if (parts.size() == 1) { // small pages: paging is always walked
        json::array page;
        json::value next = nullptr;
        const auto token = request.url.target.find("skip=");
        const std::string after = token == std::string::npos ? "" : request.url.target.substr(token + 5);
        for (auto one = sites.upper_bound(after); one != sites.end(); ++one) {
            if (page.size() == 1) {
                next = "https://management.azure.com" + std::string(request.url.path()) +
                       "?api-version=1&skip=" + std::prev(one)->first;
                break;
            }
            page.push_back(describe(one->first));
        }
        return reply(200, json::serialize(json::object{{"value", page}, {"nextLink", next}}));
    }
    const std::string name(parts[1]);
    std::string rest;
    for (std::size_t i = 2; i < parts.size(); ++i)
        rest += "/" + std::string(parts[i]);
    return site(request, name, rest);
}

json::object World::describe(const std::string& name) {
    json::object resource = sites.at(name).resource;
    resource["name"] = name;
    json::object& properties = resource["properties"].as_object();
    properties["state"] = "Running";
    properties["defaultHostName"] = name + ".azurewebsites.net";
    return resource;
}

HttpResponse World::site(const HttpRequest& request, const std::string& name, const std::string& rest) {
    if (rest.empty() && request.method == "PUT") {
        StoredSite& stored = sites[name];
        stored.resource = body(request).as_object();
        json::object& properties = stored.resource["properties"].as_object();
        if (!properties.contains("siteConfig")) properties["siteConfig"] = json::object{};
        if (const json::value* sent = pyfops::find(properties["siteConfig"], "appSettings")) {
            stored.settings.clear();
            for (const json::value& one : sent->as_array())
                stored.settings[string_or(one, "name")] = string_or(one, "value");
            properties["siteConfig"].as_object().erase("appSettings"); // shown with the settings only
        }
        return later("azure-asyncoperation",
                     "/subscriptions/x/providers/Microsoft.Web/sites/y/operationResults/1");
    }
    if (!sites.contains(name)) return error(404, "ResourceNotFound", "The app was not found.");
    StoredSite& stored = sites[name];
    if (rest.empty() && request.method == "DELETE") {
        sites.erase(name);
        if (request.url.target.find("deleteEmptyServerFarm=true") != std::string::npos) plans.erase(name);
        return reply(200);
    }
    if (rest.empty() && request.method == "PATCH") {
        const json::value sent = body(request);
        if (const json::value* properties = pyfops::find(sent, "properties"))
            for (const auto& member : properties->as_object())
                stored.resource["properties"].as_object()[member.key()] = member.value();
        return reply(200, json::serialize(describe(name)));
    }
    if (rest.empty()) return reply(200, json::serialize(describe(name)));
    if (rest == "/providers/Microsoft.Resources/tags/default") {
        stored.resource["tags"] = tags_in(body(request).at("properties"));
        return reply(200, std::string(request.body.view()));
    }
    if (rest == "/config/appsettings/list" || rest == "/config/appsettings") {
        if (request.method == "PUT") {
            stored.settings.clear();
            const json::value sent = body(request);
            for (const auto& member : sent.at("properties").as_object())
                stored.settings[std::string(member.key())] = std::string(member.value().as_string());
        }
        json::object all;
        for (const auto& [key, value] : stored.settings)
            all[key] = value;
        return reply(200, json::serialize(json::object{{"properties", all}}));
    }
    if (rest == "/host/default/listkeys")
        return reply(200, R"({"masterKey":"m","functionKeys":{"default":"function-key-1"},"systemKeys":{}})");
    if (rest == "/syncfunctiontriggers") return reply(204);
    if (rest == "/functions") {
        json::array all;
        const bool classic = stored.settings.contains("WEBSITE_RUN_FROM_PACKAGE");
        if ((!stored.code.empty() || classic) && --stored.listing < 0)
            all.push_back(json::object{{"name", name + "/pyfops-thumbnail"}});
        return reply(200, json::serialize(json::object{{"value", all}, {"nextLink", nullptr}}));
    }
    return error(500, "Unknown", "the scripted Azure does not know " + request.method + " " + rest);
}

HttpResponse World::scm(const HttpRequest& request) {
    const std::string name = request.url.host.substr(0, request.url.host.find('.'));
    const std::string path(request.url.path());
    if (path == "/api/publish") {
        deployment_polls_ = deploying;
        sites.at(name).listing = 1;
        sites.at(name).coming = sha256_hex(request.body.view());
        return reply(202, "\"deployment-1\"");
    }
    if (path.ends_with("/log"))
        return reply(200,
                     R"([{"message":"Uploading","details_url":null},{"message":"Deployment failed.",)"
                     R"("details_url":"https://elsewhere.example/api/deployments/deployment-1/log/2"}])");
    if (path.ends_with("/log/2")) return reply(200, R"([{"message":"The package is broken"}])");
    if (--deployment_polls_ >= 0) return reply(200, R"({"id":"deployment-1","status":2,"complete":false})");
    if (final_status == 4) sites.at(name).code = sites.at(name).coming;
    return reply(200, json::serialize(json::object{
                          {"id", "deployment-1"}, {"status", final_status}, {"complete", true}}));
}

Names World::operations() {
    const Names all = host.http.operations();
    Names fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
}

Names World::writes() {
    Names changing;
    for (std::string& name : operations()) {
        const std::string verb = name.substr(name.find(':') + 1);
        const bool reads = verb.starts_with("Get") || verb.starts_with("List") || verb.starts_with("Check");
        if (!reads) changing.push_back(std::move(name));
    }
    return changing;
}

Deployment World::deploy() {
    StageContext context = host.context();
    const DeployRequest request{function, target, package, environment, secrets, mark, settings};
    return host.run(provider->deployer().deploy(request, context));
}

Error World::deploy_error() {
    try {
        deploy();
    } catch (const Error& failure) {
        return failure;
    }
    throw std::runtime_error("the deployment succeeded");
}

std::optional<Deployment> World::find() {
    StageContext context = host.context();
    const FindRequest request{target.identity, target.cloud_name, settings};
    return host.run(provider->deployer().find(request, context));
}

void World::remove() {
    StageContext context = host.context();
    const RemoveRequest request{target.identity, target.cloud_name, settings};
    host.run(provider->deployer().remove(request, context));
}

void World::remove_shared() {
    StageContext context = host.context();
    const ListRequest request{"gate", "westeurope", Realm::real, settings};
    host.run(provider->deployer().remove_shared(request, context));
}

} // namespace azure_test
