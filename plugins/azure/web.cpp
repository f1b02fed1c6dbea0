// SPDX-License-Identifier: Apache-2.0
#include "web.hpp"

#include "catalog.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "resources.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace pyfops::azure::web {

std::string site_path(const std::string& group, const std::string& name) {
    return group + "/providers/Microsoft.Web/sites/" + percent_encode(name);
}

namespace {

/// Older versions refuse 512 MB.
constexpr const char* version = "2025-03-01";

/// Azure documents 1 to 1000; services have refused less than 40.
constexpr int maximum_instances = 100;

constexpr const char* app_kind = "functionapp,linux";

ApiCall site_call(std::string operation, std::string method, const std::string& group,
                  const std::string& name, const std::string& rest = {}) {
    return manager_call("web:" + std::move(operation), std::move(method), site_path(group, name) + rest,
                        version);
}

json::object flex_config(const Creation& creation) {
    const json::object authentication{{"type", "StorageAccountConnectionString"},
                                      {"storageAccountConnectionStringName", deployment_storage_variable}};
    return {{"deployment",
             {{"storage",
               {{"type", "blobContainer"},
                {"value", creation.container_url},
                {"authentication", authentication}}}}},
            {"runtime", {{"name", "python"}, {"version", creation.python}}},
            {"scaleAndConcurrency", scale_of(creation.memory_mb)}};
}

const json::value* at(const json::value& value, std::initializer_list<std::string_view> path) {
    const json::value* now = &value;
    for (const std::string_view key : path)
        if (!(now = find(*now, key))) return nullptr;
    return now;
}

/// The host of type Repository, else by Azure's rule from the app's own.
std::string scm_host(const json::value& properties, const std::string& host) {
    if (const json::value* states = find(properties, "hostNameSslStates"); states && states->is_array())
        for (const json::value& one : states->get_array())
            if (string_or(one, "hostType") == "Repository") return string_or(one, "name");
    const auto dot = host.find('.');
    return dot == std::string::npos ? std::string() : host.substr(0, dot) + ".scm" + host.substr(dot);
}

/// All but what pyfOps itself says openly: keys, connection strings, and the function's variables, of which
/// a later command does not know which are secret.
std::vector<Secret> secrets_of(const AppSettings& settings) {
    static constexpr std::array<std::string_view, 7> open{"AzureFunctionsJobHost__functionTimeout",
                                                          "FUNCTIONS_EXTENSION_VERSION",
                                                          "FUNCTIONS_WORKER_RUNTIME",
                                                          "PYFOPS_MEMORY_MB",
                                                          "PYFOPS_REGION",
                                                          "PYTHON_THREADPOOL_THREAD_COUNT",
                                                          "WEBSITE_CONTENTSHARE"};
    std::vector<Secret> secrets;
    for (const auto& [name, value] : settings)
        if (std::find(open.begin(), open.end(), name) == open.end()) secrets.emplace_back(value);
    return secrets;
}

/// The one that every app and function has at first, else another.
Secret any_key(const json::object& keys) {
    if (std::string named = string_or(keys, "default"); !named.empty()) return Secret(std::move(named));
    for (const auto& member : keys)
        if (const auto* text = member.value().if_string()) return Secret(std::string(*text));
    return {};
}

} // namespace

json::object scale_of(int memory_mb) {
    // One call at a time in an instance: its memory and its measurements are the call's.
    return {{"maximumInstanceCount", maximum_instances},
            {"instanceMemoryMB", memory_mb},
            {"triggers", {{"http", {{"perInstanceConcurrency", 1}}}}}};
}

std::string plan_path(const std::string& group, const std::string& name) {
    return group + "/providers/Microsoft.Web/serverfarms/" + percent_encode(name);
}

ApiCall get_plan(const std::string& group, const std::string& name) {
    return manager_call("web:GetPlan", "GET", plan_path(group, name), version);
}

ApiCall put_plan(const std::string& group, const std::string& name, Plan plan, const std::string& region,
                 const Tags& tags) {
    ApiCall call = manager_call("web:PutPlan", "PUT", plan_path(group, name), version);
    const bool flex = plan == Plan::flex;
    const json::object body{
        {"location", region},
        {"kind", "functionapp"},
        {"tags", resources::to_json(tags)},
        {"sku", {{"tier", flex ? "FlexConsumption" : "Dynamic"}, {"name", flex ? "FC1" : "Y1"}}},
        {"properties", {{"reserved", true}}}}; // Linux
    set_json(call, json::serialize(body));
    return call;
}

ApiCall delete_plan(const std::string& group, const std::string& name) {
    return manager_call("web:DeletePlan", "DELETE", plan_path(group, name), version);
}

ApiCall get_site(const std::string& group, const std::string& name) {
    return site_call("GetSite", "GET", group, name);
}

ApiCall put_site(const std::string& group, const std::string& name, const Creation& creation,
                 const AppSettings& settings) {
    json::array variables;
    for (const auto& [key, value] : settings)
        variables.push_back(json::object{{"name", key}, {"value", value}});
    json::object configuration{{"appSettings", std::move(variables)}, {"minTlsVersion", "1.2"}};
    json::object properties{{"serverFarmId", creation.plan_id}, {"httpsOnly", true}, {"reserved", true}};
    if (creation.plan == Plan::flex)
        properties["functionAppConfig"] = flex_config(creation);
    else
        configuration["linuxFxVersion"] = "Python|" + creation.python;
    properties["siteConfig"] = std::move(configuration);
    ApiCall call = site_call("PutSite", "PUT", group, name);
    call.secrets = secrets_of(settings);
    call.secret_body = call.secret_answer = true;
    set_json(call, json::serialize(json::object{{"location", creation.region},
                                                {"kind", app_kind},
                                                {"tags", resources::to_json(creation.tags)},
                                                {"properties", std::move(properties)}}));
    return call;
}

ApiCall put_config(const std::string& group, const Site& site, const json::object& function_app_config) {
    ApiCall call = site_call("PutSite", "PUT", group, site.name);
    const json::object properties{{"serverFarmId", site.plan_id},
                                  {"httpsOnly", true},
                                  {"reserved", true},
                                  {"functionAppConfig", function_app_config}};
    set_json(call, json::serialize(json::object{{"location", site.location},
                                                {"kind", app_kind},
                                                {"tags", resources::to_json(site.tags)},
                                                {"properties", properties}}));
    return call;
}

ApiCall patch_runtime(const std::string& group, const std::string& name,
                      const std::string& linux_fx_version) {
    ApiCall call = site_call("PatchSite", "PATCH", group, name);
    const json::object configuration{{"linuxFxVersion", linux_fx_version}};
    set_json(call, json::serialize(json::object{{"properties", {{"siteConfig", configuration}}}}));
    return call;
}

ApiCall check_name(const std::string& subscription, const std::string& name) {
    ApiCall call = manager_call("web:CheckName", "POST",
                                "/subscriptions/" + percent_encode(subscription) +
                                    "/providers/Microsoft.Web/checknameavailability",
                                version);
    set_json(call, json::serialize(json::object{{"name", name}, {"type", "Microsoft.Web/sites"}}));
    return call;
}

bool is_name_free(const json::value& answer) {
    const json::value* free = find(answer, "nameAvailable");
    if (!free || !free->is_bool())
        throw Error(ErrorKind::unavailable, "Azure does not say whether the name of the app is free");
    return free->get_bool();
}

ApiCall start_site(const std::string& group, const std::string& name) {
    return site_call("StartSite", "POST", group, name, "/start");
}

ApiCall delete_site(const std::string& group, const std::string& name) {
    return site_call("DeleteSite", "DELETE", group, name, "?deleteEmptyServerFarm=true&deleteMetrics=true");
}

ApiCall list_sites(const std::string& group) {
    return manager_call("web:ListSites", "GET", group + "/providers/Microsoft.Web/sites", version);
}

ApiCall next_page(const std::string& operation, const std::string& link) {
    ApiCall call;
    call.operation = operation;
    call.target = link;
    call.headers.set("Accept", "application/json");
    return call;
}

ApiCall list_settings(const std::string& group, const std::string& name) {
    ApiCall call = site_call("ListSettings", "POST", group, name, "/config/appsettings/list");
    call.secret_answer = true;
    return call;
}

ApiCall put_settings(const std::string& group, const std::string& name, const AppSettings& settings) {
    ApiCall call = site_call("PutSettings", "PUT", group, name, "/config/appsettings");
    call.secrets = secrets_of(settings);
    call.secret_body = call.secret_answer = true;
    json::object all;
    for (const auto& [key, value] : settings)
        all[key] = value;
    set_json(call, json::serialize(json::object{{"properties", std::move(all)}}));
    return call;
}

ApiCall list_host_keys(const std::string& group, const std::string& name) {
    ApiCall call = site_call("ListHostKeys", "POST", group, name, "/host/default/listkeys");
    call.secret_answer = true;
    call.attempts = 8; // the host of a new app takes its time
    return call;
}

ApiCall list_function_keys(const std::string& group, const std::string& name, const std::string& folder) {
    ApiCall call = site_call("ListFunctionKeys", "POST", group, name,
                             "/functions/" + percent_encode(folder) + "/listkeys");
    call.secret_answer = true;
    return call;
}

ApiCall sync_triggers(const std::string& group, const std::string& name) {
    ApiCall call = site_call("SyncTriggers", "POST", group, name, "/syncfunctiontriggers");
    call.attempts = 8;
    return call;
}

ApiCall list_functions(const std::string& group, const std::string& name) {
    return site_call("ListFunctions", "GET", group, name, "/functions");
}

Site read_site(const json::value& resource) {
    const json::value* properties = find(resource, "properties");
    Site site;
    site.name = string_or(resource, "name");
    if (site.name.empty() || !properties)
        throw Error(ErrorKind::unavailable, "Azure's answer about a function app is not one");
    site.id = string_or(resource, "id");
    site.location = region_code(string_or(resource, "location"));
    site.state = string_or(*properties, "state");
    site.host = lower_case(string_or(*properties, "defaultHostName"));
    site.scm_host = lower_case(scm_host(*properties, site.host));
    site.plan_id = string_or(*properties, "serverFarmId");
    site.tags = resources::read_tags(resource);
    const json::value* config = find(*properties, "functionAppConfig");
    if (config && config->is_object()) {
        site.function_app_config = config->get_object();
        if (const json::value* scale = find(*config, "scaleAndConcurrency"))
            site.memory_mb = static_cast<int>(integer_or(*scale, "instanceMemoryMB"));
        if (const json::value* runtime = find(*config, "runtime"))
            site.python = string_or(*runtime, "version");
    } else {
        site.plan = Plan::consumption;
        site.memory_mb = consumption_memory_mb;
        if (const json::value* fx = at(*properties, {"siteConfig", "linuxFxVersion"});
            fx && fx->is_string()) {
            const std::string text(fx->get_string());
            site.python = text.substr(text.find('|') + 1);
        }
    }
    return site;
}

AppSettings read_settings(const json::value& answer) {
    AppSettings settings;
    if (const json::value* all = find(answer, "properties"); all && all->is_object())
        for (const auto& member : all->get_object())
            if (const auto* text = member.value().if_string())
                settings.emplace(std::string(member.key()), std::string(*text));
    return settings;
}

Secret read_host_key(const json::value& answer) {
    const json::value* keys = find(answer, "functionKeys");
    return keys && keys->is_object() ? any_key(keys->get_object()) : Secret();
}

Secret read_function_key(const json::value& answer) {
    Secret key = answer.is_object() ? any_key(answer.get_object()) : Secret();
    if (key.empty())
        throw Error(ErrorKind::unavailable, "the function app has no key yet")
            .hint("run the command again in a moment");
    return key;
}

std::vector<std::string> read_function_names(const json::value& answer) {
    std::vector<std::string> names;
    if (const json::value* all = find(answer, "value"); all && all->is_array())
        for (const json::value& one : all->get_array()) {
            const std::string name = string_or(one, "name");
            names.push_back(name.substr(name.find('/') + 1));
        }
    return names;
}

std::string next_link(const json::value& answer) {
    return string_or(answer, "nextLink");
}

std::string region_code(const std::string& location) {
    std::string code = lower_case(location);
    std::erase(code, ' ');
    return code;
}

} // namespace pyfops::azure::web
