// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace pyfops::aws {

Settings read_settings(const json::object& object) {
    const json::value value = object;
    Settings settings;
    settings.role = string_or(value, "role");
    settings.profile = string_or(value, "profile");
    settings.bucket = string_or(value, "bucket");
    settings.endpoint = string_or(value, "endpoint");
    settings.architecture = string_or(value, "architecture", "x86_64");
    if (const json::value* url = object.if_contains("url"); url && url->is_bool())
        settings.url = url->as_bool();
    if (const json::value* tags = object.if_contains("tags"); tags && tags->is_object())
        for (const auto& member : tags->as_object())
            if (const auto* text = member.value().if_string())
                settings.tags.emplace(std::string(member.key()), std::string(*text));
    return settings;
}

} // namespace pyfops::aws
