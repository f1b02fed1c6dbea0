// SPDX-License-Identifier: Apache-2.0
#include "resources.hpp"

#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace pyfops::azure_emulator {
namespace {

constexpr const char* groups = "azure/groups";
constexpr const char* providers = "azure/providers";
constexpr const char* operations = "azure/operations";

void require_lasting(const json::object& group) {
    if (!group.contains("deleting")) return;
    throw ApiError(409, "ResourceGroupBeingDeleted",
                   "The resource group '" + string_or(group, "name") +
                       "' is in deprovisioning state and cannot perform this operation.");
}

} // namespace

json::object tags_of(const json::object& body) {
    const json::value* tags = find(body, "tags");
    if (!tags || tags->is_null()) return {};
    if (!tags->is_object()) throw ApiError(400, "InvalidRequestContent", "The tags are not an object.");
    if (tags->get_object().size() > 50)
        throw ApiError(400, "InvalidTagCount", "The resource has more than 50 tags.");
    for (const auto& member : tags->get_object()) {
        const bool text = member.value().is_string();
        if (!text || member.value().get_string().size() > 256 || member.key().size() > 512 ||
            std::string_view(member.key()).find_first_of("<>%&\\?/") != std::string_view::npos)
            throw ApiError(400, "InvalidTag", "The tag '" + std::string(member.key()) + "' is invalid.");
    }
    return tags->get_object();
}

std::string location_of(const json::object& body, std::string_view type) {
    const std::string location = string_or(body, "location");
    if (location.empty())
        throw ApiError(400, "LocationRequired", "The location property is required for this definition.");
    const std::string code = region_code(location);
    if (!is_region(code))
        throw ApiError(400, "LocationNotAvailableForResourceType",
                       "The provided location '" + location + "' is not available for resource type '" +
                           std::string(type) + "'.");
    return code;
}

std::string Resources::key_of(const Call& call) {
    return lower_case(call.label("group"));
}

std::string Resources::group_path(const std::string& name) {
    return std::string("/subscriptions/") + subscription_id + "/resourceGroups/" + name;
}

void Resources::require_subscription(const Call& call) const {
    const auto named = call.labels.find("subscription");
    if (named == call.labels.end() || named->second == subscription_id) return;
    throw ApiError(404, "SubscriptionNotFound",
                   "The subscription '" + named->second + "' could not be found.");
}

std::optional<json::object> Resources::find_group(const std::string& key) const {
    auto group = world_.state().get(groups, key);
    if (!group || !group->contains("deleting") || !has_ended(string_or(*group, "deleting"))) return group;
    world_.state().erase(groups, key);
    return std::nullopt;
}

json::object Resources::require_group(const Call& call) const {
    auto group = find_group(key_of(call));
    if (!group)
        throw ApiError(404, "ResourceGroupNotFound",
                       "Resource group '" + call.label("group") + "' could not be found.");
    return *group;
}

json::object Resources::require_lasting_group(const Call& call) const {
    json::object group = require_group(call);
    require_lasting(group);
    return group;
}

void Resources::require_registered(std::string_view provider) const {
    const auto known = world_.state().get(providers, lower_case(provider));
    if (!known || integer_or(*known, "ready_ms") > world_.now_ms())
        throw ApiError(409, "MissingSubscriptionRegistration",
                       "The subscription is not registered to use namespace '" + std::string(provider) +
                           "'.");
}

std::string Resources::start_operation(std::int64_t duration_ms) {
    const std::string id = world_.uuid();
    world_.state().put(operations, id, {{"ends_ms", world_.now_ms() + duration_ms}});
    return id;
}

bool Resources::has_ended(const std::string& operation) const {
    const auto known = world_.state().get(operations, operation);
    return !known || integer_or(*known, "ends_ms") <= world_.now_ms();
}

ServerResponse Resources::operation_status(const std::string& operation) const {
    if (!world_.state().get(operations, operation))
        throw ApiError(404, "OperationNotFound", "The operation '" + operation + "' could not be found.");
    const bool ended = has_ended(operation);
    if (const std::string words = world_.failure(); ended && !words.empty())
        return json_response(200,
                             json::object{{"id", operation},
                                          {"status", "Failed"},
                                          {"error", {{"code", "InternalServerError"}, {"message", words}}}});
    return json_response(200,
                         json::object{{"id", operation}, {"status", ended ? "Succeeded" : "InProgress"}});
}

ServerResponse Resources::provider(const Call& call) {
    const std::string& name = call.label("provider");
    const std::string key = lower_case(name);
    if (key != "microsoft.web" && key != "microsoft.storage" && key != "microsoft.app")
        throw ApiError(404, "InvalidResourceNamespace", "The resource namespace '" + name + "' is invalid.");
    auto known = world_.state().get(providers, key);
    if (call.operation == "resources:RegisterProvider" && !known) {
        known = json::object{{"name", name},
                             {"ready_ms", world_.now_ms() + world_.setting("azure.register_ms", 50)}};
        world_.state().put(providers, key, *known);
    }
    const bool ready = known && integer_or(*known, "ready_ms") <= world_.now_ms();
    return json_response(
        200, json::object{{"id", std::string("/subscriptions/") + subscription_id + "/providers/" + name},
                          {"namespace", name},
                          {"registrationPolicy", "RegistrationRequired"},
                          {"registrationState", ready   ? "Registered"
                                                : known ? "Registering"
                                                        : "NotRegistered"},
                          {"resourceTypes", json::array()}});
}

json::object Resources::describe(const json::object& group) const {
    const std::string name = string_or(group, "name");
    return {{"id", group_path(name)},
            {"name", name},
            {"type", "Microsoft.Resources/resourceGroups"},
            {"location", string_or(group, "location")},
            {"tags", group.at("tags")},
            {"properties", {{"provisioningState", group.contains("deleting") ? "Deleting" : "Succeeded"}}}};
}

ServerResponse Resources::put_group(const Call& call) {
    const json::object body = json_body(call);
    const std::string location = location_of(body, "Microsoft.Resources/resourceGroups");
    const auto known = find_group(key_of(call));
    if (known) require_lasting(*known);
    if (known && string_or(*known, "location") != location)
        throw ApiError(409, "InvalidResourceGroupLocation",
                       "Invalid resource group location '" + location +
                           "'. The resource group already exists in "
                           "location '" +
                           string_or(*known, "location") + "'.");
    const json::object group{{"name", call.label("group")}, {"location", location}, {"tags", tags_of(body)}};
    world_.state().put(groups, key_of(call), group);
    return json_response(known ? 200 : 201, describe(group));
}

ServerResponse Resources::delete_group(const Call& call) {
    json::object group = require_group(call);
    const std::int64_t duration = world_.setting("azure.delete_ms", 100);
    std::string operation = string_or(group, "deleting");
    if (operation.empty()) {
        for (const auto& clear : clear_)
            clear(key_of(call));
        operation = start_operation(duration);
        group["deleting"] = operation;
        world_.state().put(groups, key_of(call), group);
    }
    return accepted("Location",
                    call.base + "/subscriptions/" + subscription_id + "/operationresults/" + operation +
                        "?api-version=2021-04-01",
                    duration);
}

ServerResponse Resources::list_resources(const Call& call) {
    require_group(call);
    json::array all;
    for (const auto& list : list_)
        list(key_of(call), all);
    return page_of(call, std::move(all), world_);
}

ServerResponse Resources::handle(const Call& call) {
    const json::object subscription{{"id", std::string("/subscriptions/") + subscription_id},
                                    {"subscriptionId", subscription_id},
                                    {"displayName", "pyfops-local"},
                                    {"tenantId", tenant_id},
                                    {"state", "Enabled"}};
    const std::string& operation = call.operation;
    if (operation == "resources:ListSubscriptions")
        return json_response(200, json::object{{"value", json::array{subscription}}});
    require_subscription(call);
    if (operation == "resources:GetSubscription") return json_response(200, subscription);
    if (operation == "resources:GetProvider" || operation == "resources:RegisterProvider")
        return provider(call);
    if (operation == "resources:PutGroup") return put_group(call);
    if (operation == "resources:GetGroup") return json_response(200, describe(require_group(call)));
    if (operation == "resources:CheckGroup") {
        require_group(call);
        return empty_response(204);
    }
    if (operation == "resources:DeleteGroup") return delete_group(call);
    if (operation == "resources:ListResources") return list_resources(call);
    if (operation == "resources:ListGroups") {
        json::array all;
        for (const std::string& key : world_.state().keys(groups))
            if (const auto group = find_group(key)) all.push_back(describe(*group));
        return page_of(call, std::move(all), world_);
    }
    if (operation == "resources:GetOperation") {
        for (const std::string& key : world_.state().keys(groups))
            find_group(key); // what has ended is gone
        if (has_ended(call.label("operation"))) return empty_response(200);
        return accepted("Location", call.base + call.path + "?api-version=2021-04-01",
                        world_.setting("azure.delete_ms", 100));
    }
    throw ApiError(404, "NotFound", "There is no such address.");
}

} // namespace pyfops::azure_emulator
