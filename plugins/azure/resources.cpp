// SPDX-License-Identifier: Apache-2.0
#include "resources.hpp"

#include <boost/json.hpp>

namespace pyfops::azure::resources {
namespace {

constexpr const char* version = "2021-04-01";

std::string group_target(const std::string& subscription, const std::string& group) {
    return "/subscriptions/" + percent_encode(subscription) + "/resourcegroups/" +
           percent_encode(group, "()");
}

std::string provider_target(const std::string& subscription, const std::string& name) {
    return "/subscriptions/" + percent_encode(subscription) + "/providers/" + percent_encode(name);
}

} // namespace

ApiCall get_provider(const std::string& subscription, const std::string& name) {
    return manager_call("resources:GetProvider", "GET", provider_target(subscription, name), version);
}

ApiCall register_provider(const std::string& subscription, const std::string& name) {
    return manager_call("resources:RegisterProvider", "POST",
                        provider_target(subscription, name) + "/register", version);
}

bool is_registered(const json::value& provider) {
    return string_or(provider, "registrationState") == "Registered";
}

std::string group_path(const std::string& subscription, const std::string& group) {
    return "/subscriptions/" + percent_encode(subscription) + "/resourceGroups/" +
           percent_encode(group, "()");
}

ApiCall get_group(const std::string& subscription, const std::string& group) {
    return manager_call("resources:GetGroup", "GET", group_target(subscription, group), version);
}

bool is_being_deleted(const json::value& group) {
    const json::value* properties = find(group, "properties");
    return properties && string_or(*properties, "provisioningState") == "Deleting";
}

ApiCall put_group(const std::string& subscription, const std::string& group, const std::string& region,
                  const Tags& tags) {
    ApiCall call = manager_call("resources:PutGroup", "PUT", group_target(subscription, group), version);
    set_json(call, json::serialize(json::object{{"location", region}, {"tags", to_json(tags)}}));
    return call;
}

ApiCall delete_group(const std::string& subscription, const std::string& group) {
    return manager_call("resources:DeleteGroup", "DELETE", group_target(subscription, group), version);
}

ApiCall list_resources(const std::string& subscription, const std::string& group) {
    return manager_call("resources:ListResources", "GET",
                        group_path(subscription, group) + "/resources?$top=10", version);
}

bool is_empty(const json::value& listing) {
    const json::value* all = find(listing, "value");
    return all && all->is_array() && all->get_array().empty() && string_or(listing, "nextLink").empty();
}

ApiCall put_tags(const std::string& resource, const Tags& tags) {
    ApiCall call = manager_call("resources:PutTags", "PUT",
                                resource + "/providers/Microsoft.Resources/tags/default", version);
    set_json(call, json::serialize(json::object{{"properties", {{"tags", to_json(tags)}}}}));
    return call;
}

Tags read_tags(const json::value& resource) {
    Tags tags;
    if (const json::value* all = find(resource, "tags"); all && all->is_object())
        for (const auto& member : all->get_object())
            if (const auto* text = member.value().if_string())
                tags.emplace(std::string(member.key()), std::string(*text));
    return tags;
}

json::object to_json(const Tags& tags) {
    json::object all;
    for (const auto& [name, value] : tags)
        all[name] = value;
    return all;
}

} // namespace pyfops::azure::resources
