// SPDX-License-Identifier: Apache-2.0
// Settings, keys, functions and states of an app.
#include "sites.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace pyfops::azure_emulator {

ServerResponse Sites::settings(const Call& call, json::object site) {
    const std::string id = string_or(describe(site), "id");
    if (call.operation == "web:GetConfiguration")
        return json_response(200,
                             json::object{{"id", id + "/config/web"},
                                          {"name", string_or(site, "name")},
                                          {"properties", {{"linuxFxVersion", string_or(site, "linux_fx")}}}});
    if (call.operation == "web:PutSettings") {
        require_idle(site);
        const json::object body = json_body(call);
        const json::object& wanted = object_at(body, "properties");
        check_settings(wanted, is_flex(site));
        if (is_flex(site)) check_flex(site.at("function_app_config").as_object(), wanted);
        retire(site); // each change restarts
        const std::string package = string_or(object_at(site, "settings"), "WEBSITE_RUN_FROM_PACKAGE");
        site["settings"] = wanted;
        site["image"] = "azure/" + lower_case(string_or(site, "name")) + "/" + world_.uuid();
        if (const std::string address = string_or(wanted, "WEBSITE_RUN_FROM_PACKAGE");
            !is_flex(site) && address.starts_with("https://") && address != package) {
            const auto archive = storage_.fetch(address);
            load_package(site, archive ? world_.state().put_blob(archive->view()) : std::string());
            site["listed_ms"] = world_.now_ms() + world_.setting("azure.sync_ms", 60'000);
        }
        save(site);
    }
    return json_response(200, json::object{{"id", id + "/config/appsettings"},
                                           {"name", "appsettings"},
                                           {"type", "Microsoft.Web/sites/config"},
                                           {"location", string_or(site, "location")},
                                           {"properties", object_at(site, "settings")}});
}

ServerResponse Sites::keys(const Call& call, const json::object& site) {
    const json::object& keys = object_at(site, "keys");
    if (call.operation == "web:ListHostKeys")
        return json_response(200, json::object{{"masterKey", string_or(keys, "master")},
                                               {"functionKeys", {{"default", string_or(keys, "default")}}},
                                               {"systemKeys", json::object()}});
    for (const Function& function : functions_of(site))
        if (lower_case(function.name) == lower_case(call.label("function")))
            return json_response(
                200, json::object{{"default", hex(hmac_sha256(string_or(keys, "master"), function.name))}});
    throw ApiError(404, "NotFound", "Function '" + call.label("function") + "' does not exist.");
}

json::object Sites::describe_function(const json::object& site, const Function& function) const {
    const std::string name = string_or(site, "name");
    const std::string id = string_or(describe(site), "id");
    const std::string host = "https://" + lower_case(name) + site_suffix;
    return {{"id", id + "/functions/" + function.name},
            {"name", name + "/" + function.name},
            {"type", "Microsoft.Web/sites/functions"},
            {"location", string_or(site, "location")},
            {"properties",
             {{"name", function.name},
              {"function_app_id", id},
              {"script_href", host + "/admin/vfs/home/site/wwwroot/" + function.name + "/__init__.py"},
              {"config_href", host + "/admin/vfs/home/site/wwwroot/" + function.name + "/function.json"},
              {"href", host + "/admin/functions/" + function.name},
              {"config", function.config},
              {"invoke_url_template", host + "/api/" + function.route},
              {"language", "python"},
              {"isDisabled", false}}}};
}

ServerResponse Sites::functions(const Call& call, const json::object& site) {
    const std::vector<Function> all = are_listed(site) ? functions_of(site) : std::vector<Function>{};
    if (call.operation == "web:GetFunction") {
        for (const Function& function : all)
            if (lower_case(function.name) == lower_case(call.label("function")))
                return json_response(200, describe_function(site, function));
        throw ApiError(404, "NotFound",
                       "Function with name '" + call.label("function") + "' does not exist.");
    }
    json::array value;
    for (const Function& function : all)
        value.push_back(describe_function(site, function));
    return page_of(call, std::move(value), world_);
}

ServerResponse Sites::change_state(const Call& call, json::object site) {
    const std::string& operation = call.operation;
    if (operation == "web:SyncTriggers") {
        site["listed_ms"] = world_.now_ms();
        save(site);
        return empty_response(204);
    }
    if (operation != "web:StartSite" && operation != "web:StopSite" && operation != "web:RestartSite")
        throw ApiError(404, "NotFound", "There is no such address.");
    require_idle(site);
    retire(site);
    site["state"] = operation == "web:StopSite" ? "Stopped" : "Running";
    site["image"] = "azure/" + lower_case(string_or(site, "name")) + "/" + world_.uuid();
    save(site);
    return empty_response(200);
}

} // namespace pyfops::azure_emulator
