// SPDX-License-Identifier: Apache-2.0
// Plans as resources.
#include "sites.hpp"

#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace pyfops::azure_emulator {

std::string plan_key(const std::string& group, const std::string& name) {
    return group + "/" + lower_case(name);
}

json::object Sites::describe_plan(const json::object& plan) const {
    const std::string name = string_or(plan, "name");
    return {{"id", id_of_plan(string_or(plan, "group_name"), name)},
            {"name", name},
            {"type", "Microsoft.Web/serverfarms"},
            {"kind", "functionapp"},
            {"location", string_or(plan, "location")},
            {"tags", plan.at("tags")},
            {"sku", plan.at("sku")},
            {"properties",
             {{"status", "Ready"},
              {"provisioningState", "Succeeded"},
              {"reserved", true},
              {"numberOfSites", 0}}}};
}

ServerResponse Sites::put_plan(const Call& call) {
    resources_.require_registered("Microsoft.Web");
    const json::object group = resources_.require_lasting_group(call);
    const json::object body = json_body(call);
    const std::string location = location_of(body, "Microsoft.Web/serverFarms");
    const json::object& sku = object_at(body, "sku");
    const std::string size = string_or(sku, "name");
    if (size != "FC1" && size != "Y1")
        throw ApiError(400, "BadRequest", "The SKU '" + size + "' is not valid here.");
    const json::value* reserved = find(object_at(body, "properties"), "reserved");
    if (!reserved || !reserved->is_bool() || !reserved->get_bool())
        throw ApiError(400, "BadRequest",
                       "Flex Consumption and Python run on Linux only: reserved must be true.");
    const std::string key = plan_key(Resources::key_of(call), call.label("name"));
    const json::object plan{
        {"name", call.label("name")},
        {"group", Resources::key_of(call)},
        {"group_name", string_or(group, "name")},
        {"location", location},
        {"tags", tags_of(body)},
        {"sku", {{"name", size}, {"tier", size == "FC1" ? "FlexConsumption" : "Dynamic"}, {"size", size}}}};
    world_.state().put(plans_collection, key, plan);
    return json_response(200, describe_plan(plan));
}

ServerResponse Sites::get_plans(const Call& call) {
    if (call.operation == "web:GetPlan") {
        resources_.require_group(call);
        const auto plan =
            world_.state().get(plans_collection, plan_key(Resources::key_of(call), call.label("name")));
        if (!plan)
            throw ApiError(404, "ResourceNotFound",
                           "The Resource 'Microsoft.Web/serverFarms/" + call.label("name") +
                               "' was not found.");
        return json_response(200, describe_plan(*plan));
    }
    const bool grouped = call.labels.contains("group");
    if (grouped) resources_.require_group(call);
    json::array all;
    for (const std::string& key :
         world_.state().keys(plans_collection, grouped ? Resources::key_of(call) + "/" : ""))
        all.push_back(describe_plan(*world_.state().get(plans_collection, key)));
    return page_of(call, std::move(all), world_);
}

bool Sites::plan_is_empty(const std::string& key) const {
    for (const std::string& name : world_.state().keys("azure/sites"))
        if (const auto site = world_.state().get("azure/sites", name);
            site && string_or(*site, "plan_key") == key)
            return false;
    return true;
}

ServerResponse Sites::delete_plan(const Call& call) {
    const std::string key = plan_key(Resources::key_of(call), call.label("name"));
    if (!world_.state().get(plans_collection, key)) return empty_response(204);
    if (!plan_is_empty(key))
        throw ApiError(409, "Conflict",
                       "Server farm '" + call.label("name") +
                           "' cannot be deleted because it has web app(s) assigned to it.");
    world_.state().erase(plans_collection, key);
    return empty_response(200);
}

} // namespace pyfops::azure_emulator
