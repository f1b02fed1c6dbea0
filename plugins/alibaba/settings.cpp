// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace pyfops::alibaba {

Settings read_settings(const json::object& object) {
    Settings settings;
    settings.http_trigger = string_or(object, "http_trigger", settings.http_trigger);
    settings.cpu = string_or(object, "cpu");
    settings.disk = static_cast<int>(integer_or(object, "disk", settings.disk));
    settings.role = string_or(object, "role");
    settings.profile = string_or(object, "profile");
    settings.account_id = string_or(object, "account_id");
    settings.bucket = string_or(object, "bucket");
    settings.log_project = string_or(object, "log_project");
    settings.log_store = string_or(object, "log_store");
    settings.endpoint = string_or(object, "endpoint");
    if (const json::value* tags = object.if_contains("tags"); tags && tags->is_object())
        for (const auto& member : tags->as_object())
            if (const auto* text = member.value().if_string())
                settings.tags.emplace(std::string(member.key()), std::string(*text));
    return settings;
}

} // namespace pyfops::alibaba
