// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace pyfops::azure {

Settings read_settings(const json::object& object) {
    Settings settings;
    settings.subscription = string_or(object, "subscription");
    settings.resource_group = string_or(object, "resource_group");
    settings.storage_account = string_or(object, "storage_account");
    settings.application_insights = string_or(object, "application_insights");
    settings.endpoint = string_or(object, "endpoint");
    if (string_or(object, "plan") == "consumption") settings.plan = Plan::consumption;
    settings.by_code_base = string_or(object, "group") == "codebase";
    if (const json::value* open = object.if_contains("public"); open && open->is_bool())
        settings.open = open->as_bool();
    if (const json::value* tags = object.if_contains("tags"); tags && tags->is_object())
        for (const auto& member : tags->as_object())
            if (const auto* text = member.value().if_string())
                settings.tags.emplace(std::string(member.key()), std::string(*text));
    return settings;
}

} // namespace pyfops::azure
