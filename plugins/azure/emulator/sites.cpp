// SPDX-License-Identifier: Apache-2.0
// Function apps as resources.
#include "sites.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace pyfops::azure_emulator {
namespace {

constexpr const char* sites = "azure/sites";

bool is_app_name(std::string_view name) {
    static constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    return name.size() >= 2 && name.size() <= 60 &&
           name.find_first_not_of(allowed) == std::string_view::npos && name.front() != '-' &&
           name.back() != '-';
}

/// "/subscriptions/S/resourceGroups/G/providers/Microsoft.Web/serverfarms/P" as a key, or the name alone.
std::string plan_key_of(const std::string& id, const std::string& group) {
    const auto parts = split(id, '/');
    if (parts.size() < 9) return plan_key(group, id);
    return plan_key(lower_case(parts[4]), std::string(parts[8]));
}

} // namespace

std::string id_of_plan(const std::string& group, const std::string& name) {
    return Resources::group_path(group) + "/providers/Microsoft.Web/serverfarms/" + name;
}

bool is_flex(const json::object& site) {
    return site.contains("function_app_config");
}

const json::object& object_at(const json::object& value, std::string_view key) {
    static const json::object none;
    const json::value* member = find(value, key);
    return member && member->is_object() ? member->get_object() : none;
}

Sites::Sites(World& world, Resources& resources, Storage& storage, Logs& logs)
    : world_(world),
      resources_(resources),
      storage_(storage),
      logs_(logs) {
    resources_.on_group_deleted([this](const std::string& group) {
        for (const std::string& key : world_.state().keys(sites))
            if (const auto site = world_.state().get(sites, key); site && string_or(*site, "group") == group)
                remove_site(*site);
        for (const std::string& key : world_.state().keys(plans_collection, group + "/"))
            world_.state().erase(plans_collection, key);
    });
    resources_.on_listing([this](const std::string& group, json::array& into) {
        const auto add = [&into](json::object one) {
            one.erase("properties");
            into.push_back(std::move(one));
        };
        for (const std::string& key : world_.state().keys(plans_collection, group + "/"))
            add(describe_plan(*world_.state().get(plans_collection, key)));
        for (const std::string& key : world_.state().keys(sites))
            if (const auto site = world_.state().get(sites, key); site && string_or(*site, "group") == group)
                add(describe(*site));
    });
}

json::object Sites::describe(const json::object& site) const {
    const std::string name = string_or(site, "name");
    const std::string host = lower_case(name) + site_suffix, scm = lower_case(name) + scm_suffix;
    json::object properties{
        {"name", name},
        {"state", string_or(site, "state")},
        {"hostNames", {host}},
        {"enabledHostNames", {host, scm}},
        {"defaultHostName", host},
        {"hostNameSslStates",
         {json::object{{"name", host}, {"sslState", "Disabled"}, {"hostType", "Standard"}},
          json::object{{"name", scm}, {"sslState", "Disabled"}, {"hostType", "Repository"}}}},
        {"usageState", "Normal"},
        {"enabled", true},
        {"availabilityState", "Normal"},
        {"serverFarmId", string_or(site, "plan_id")},
        {"reserved", true},
        {"httpsOnly", true},
        {"resourceGroup", string_or(site, "group_name")},
        {"lastModifiedTimeUtc", string_or(site, "changed")}};
    if (is_flex(site)) {
        const json::object& config = site.at("function_app_config").as_object();
        const auto memory = integer_or(object_at(config, "scaleAndConcurrency"), "instanceMemoryMB", 2048);
        properties["functionAppConfig"] = config;
        properties["containerSize"] = memory;
        properties["sku"] = "FlexConsumption";
    } else {
        properties["siteConfig"] = json::object{{"linuxFxVersion", string_or(site, "linux_fx")}};
        properties["containerSize"] = 1536;
        properties["sku"] = "Dynamic";
    }
    return {{"id",
             Resources::group_path(string_or(site, "group_name")) + "/providers/Microsoft.Web/sites/" + name},
            {"name", name},
            {"type", "Microsoft.Web/sites"},
            {"kind", string_or(site, "kind")},
            {"location", string_or(site, "location")},
            {"tags", site.at("tags")},
            {"properties", std::move(properties)}};
}

json::object Sites::require_site(const Call& call) {
    resources_.require_group(call);
    auto site = world_.state().get(sites, lower_case(call.label("name")));
    if (!site || string_or(*site, "group") != Resources::key_of(call))
        throw ApiError(404, "ResourceNotFound",
                       "The Resource 'Microsoft.Web/sites/" + call.label("name") +
                           "' under resource group '" + call.label("group") + "' was not found.");
    settle(*site);
    return *site;
}

void Sites::require_idle(const json::object& site) const {
    if (!resources_.has_ended(string_or(site, "operation")))
        throw ApiError(409, "Conflict",
                       "Cannot modify this site because another operation is in progress. Details: Id: " +
                           string_or(site, "operation"));
}

void Sites::save(const json::object& site) {
    json::object changed = site;
    changed["changed"] = world_.now_text();
    world_.state().put(sites, lower_case(string_or(site, "name")), std::move(changed));
}

/// The instances of what was: code or settings have changed.
void Sites::retire(const json::object& site) {
    const std::string image = string_or(site, "image");
    images_.erase(image);
    world_.host().instances.retire(image);
}

ServerResponse Sites::later(const Call& call, json::object& site, std::int64_t duration_ms) {
    const std::string operation = resources_.start_operation(duration_ms);
    site["operation"] = operation;
    save(site);
    ServerResponse answer =
        accepted("azure-asyncoperation",
                 call.base + "/subscriptions/" + subscription_id + "/providers/Microsoft.Web/sites/" +
                     string_or(site, "name") + "/operationResults/" + operation + "?api-version=2025-03-01",
                 duration_ms);
    answer.headers.set("Content-Type", "application/json");
    answer.body = json::serialize(describe(site));
    return answer;
}

ServerResponse Sites::put_site(const Call& call) {
    resources_.require_registered("Microsoft.Web");
    const json::object group = resources_.require_lasting_group(call);
    const std::string& name = call.label("name");
    if (!is_app_name(name))
        throw ApiError(400, "BadRequest", "The name '" + name + "' is not a valid app name.");
    const json::object body = json_body(call);
    const std::string location = location_of(body, "Microsoft.Web/sites");
    const json::value* properties = find(body, "properties");
    if (!properties || !properties->is_object())
        throw ApiError(400, "BadRequest", "The properties are missing.");
    auto known = world_.state().get(sites, lower_case(name));
    if (known && string_or(*known, "group") != Resources::key_of(call))
        throw ApiError(409, "Conflict", "Website with given name " + name + " already exists.");
    if (known) {
        settle(*known);
        require_idle(*known);
        if (string_or(*known, "location") != location)
            throw ApiError(409, "InvalidResourceLocation",
                           "The resource '" + name + "' already exists in location '" +
                               string_or(*known, "location") + "'.");
    }
    const std::string plan_id = string_or(*properties, "serverFarmId");
    const std::string key = plan_key_of(plan_id, Resources::key_of(call));
    const auto plan = world_.state().get(plans_collection, key);
    if (!plan) throw ApiError(404, "NotFound", "Cannot find serverFarm with name " + plan_id + ".");
    if (string_or(*plan, "location") != location)
        throw ApiError(400, "BadRequest", "The app and its plan must be in the same location.");
    json::object site = known ? *known : json::object{};
    const bool flex = string_or(plan->at("sku"), "name") == "FC1";
    site["name"] = name;
    site["group"] = Resources::key_of(call);
    site["group_name"] = string_or(group, "name");
    site["location"] = location;
    site["kind"] = string_or(body, "kind", "functionapp,linux");
    site["tags"] = tags_of(body);
    site["plan_id"] = id_of_plan(string_or(*plan, "group_name"), string_or(*plan, "name"));
    site["plan_key"] = key;
    retire(site); // what runs under the old configuration
    site["image"] = "azure/" + lower_case(name) + "/" + world_.uuid();
    if (!known) {
        site["state"] = "Running";
        site["settings"] = json::object{};
        site["keys"] = json::object{{"master", hex(random_bytes(20))}, {"default", hex(random_bytes(20))}};
    }
    if (flex) site["function_app_config"] = json::object{};
    apply_site_config(site, *properties);
    check_settings(object_at(site, "settings"), flex);
    if (flex) check_flex(site.at("function_app_config").as_object(), object_at(site, "settings"));
    if (!flex && !string_or(site, "linux_fx").starts_with("Python|"))
        throw ApiError(400, "BadRequest", "The parameter LinuxFxVersion has an invalid value.");
    return later(call, site, world_.setting("azure.create_ms", 100));
}

ServerResponse Sites::patch_site(const Call& call) {
    json::object site = require_site(call);
    require_idle(site);
    const json::object body = json_body(call);
    const json::value* properties = find(body, "properties");
    if (!properties || !properties->is_object() || properties->get_object().empty()) {
        save(site);
        return json_response(200, describe(site));
    }
    retire(site);
    apply_site_config(site, *properties);
    check_settings(object_at(site, "settings"), is_flex(site));
    if (is_flex(site)) check_flex(site.at("function_app_config").as_object(), object_at(site, "settings"));
    site["image"] = "azure/" + lower_case(string_or(site, "name")) + "/" + world_.uuid();
    return later(call, site, world_.setting("azure.update_ms", 100));
}

/// The tags of a resource as a resource of their own.
ServerResponse Sites::tags(const Call& call, json::object site) {
    if (call.operation == "resources:PutTags") {
        require_idle(site);
        site["tags"] = tags_of(object_at(json_body(call), "properties"));
        save(site);
    }
    return json_response(200, json::object{{"id", string_or(describe(site), "id") +
                                                      "/providers/Microsoft.Resources/tags/default"},
                                           {"name", "default"},
                                           {"type", "Microsoft.Resources/tags"},
                                           {"properties", {{"tags", site.at("tags")}}}});
}

void Sites::remove_site(const json::object& site) {
    retire(site);
    logs_.remove(string_or(site, "name"));
    world_.state().erase(sites, lower_case(string_or(site, "name")));
}

ServerResponse Sites::delete_site(const Call& call) {
    const auto site = world_.state().get(sites, lower_case(call.label("name")));
    if (!site || string_or(*site, "group") != Resources::key_of(call)) return empty_response(204);
    require_idle(*site);
    remove_site(*site);
    const std::string plan = string_or(*site, "plan_key");
    if (lower_case(call.parameter("deleteEmptyServerFarm").value_or("false")) == "true" &&
        plan_is_empty(plan))
        world_.state().erase(plans_collection, plan);
    return empty_response(200);
}

ServerResponse Sites::list_sites(const Call& call) {
    const bool grouped = call.labels.contains("group");
    if (grouped) resources_.require_group(call);
    json::array all;
    for (const std::string& key : world_.state().keys(sites)) {
        const auto site = world_.state().get(sites, key);
        if (site && (!grouped || string_or(*site, "group") == Resources::key_of(call)))
            all.push_back(describe(*site));
    }
    return page_of(call, std::move(all), world_);
}

/// Names of apps are one set for all of Azure.
ServerResponse Sites::check_name(const Call& call) const {
    const std::string name = string_or(json_body(call), "name");
    const bool valid = is_app_name(name);
    const bool taken = world_.state().get(sites, lower_case(name)).has_value();
    if (valid && !taken)
        return json_response(200, json::object{{"nameAvailable", true}, {"reason", ""}, {"message", ""}});
    return json_response(
        200, json::object{{"nameAvailable", false},
                          {"reason", valid ? "AlreadyExists" : "Invalid"},
                          {"message", "Hostname '" + name + "' " +
                                          (valid ? "already exists. Please select a different name."
                                                 : "is not a valid name.")}});
}

ServerResponse Sites::handle(const Call& call) {
    resources_.require_subscription(call);
    const std::string operation = call.operation.substr(call.operation.find(':') + 1);
    if (operation == "CheckName") return check_name(call);
    if (operation == "PutPlan") return put_plan(call);
    if (operation == "GetPlan" || operation == "ListPlans") return get_plans(call);
    if (operation == "DeletePlan") return delete_plan(call);
    if (operation == "PutSite") return put_site(call);
    if (operation == "PatchSite") return patch_site(call);
    if (operation == "DeleteSite") return delete_site(call);
    if (operation == "ListSites") return list_sites(call);
    if (operation == "GetOperation") return resources_.operation_status(call.label("operation"));
    json::object site = require_site(call);
    if (operation == "GetSite") return json_response(200, describe(site));
    if (operation == "PutTags" || operation == "GetTags") return tags(call, std::move(site));
    if (operation == "ListSettings" || operation == "PutSettings" || operation == "GetConfiguration")
        return settings(call, std::move(site));
    if (operation == "ListHostKeys" || operation == "ListFunctionKeys") return keys(call, site);
    if (operation == "ListFunctions" || operation == "GetFunction") return functions(call, site);
    if (operation == "OneDeploy") return one_deploy(call, std::move(site));
    if (operation == "GetOneDeploy" || operation == "ListDeploymentStatus" ||
        operation == "GetDeploymentStatus")
        return deployment_status(call, site);
    return change_state(call, std::move(site));
}

} // namespace pyfops::azure_emulator
