// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace pyfops::google {

Settings read_settings(const json::object& object) {
    Settings settings;
    settings.project = string_or(object, "project");
    settings.service_account = string_or(object, "service_account");
    settings.endpoint = string_or(object, "endpoint");
    if (const json::value* flag = object.if_contains("public"); flag && flag->is_bool())
        settings.is_public = flag->as_bool();
    if (const long long most = integer_or(object, "max_instances"); most > 0)
        settings.max_instances = static_cast<int>(most);
    if (const json::value* labels = object.if_contains("labels"); labels && labels->is_object())
        for (const auto& member : labels->as_object())
            if (const auto* text = member.value().if_string())
                settings.labels.emplace(std::string(member.key()), std::string(*text));
    return settings;
}

} // namespace pyfops::google
