// SPDX-License-Identifier: Apache-2.0
// The host of a function app: routes, keys, and what a caller sees of how a function ended.
#include "sites.hpp"

#include "pyfops_azure_emulator_embedded.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/emulator/http_event.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdio>

namespace pyfops::azure_emulator {
namespace {

constexpr std::size_t max_request = 100u << 20;
constexpr std::int64_t flex_timeout = 1800, classic_timeout = 300, classic_maximum = 600;

/// "00:05:00"; 0 for what is none.
std::int64_t seconds_of(const std::string& text) {
    int hours = 0, minutes = 0, seconds = 0;
    if (std::sscanf(text.c_str(), "%d:%d:%d", &hours, &minutes, &seconds) != 3) return 0;
    return hours * 3600 + minutes * 60 + seconds;
}

/// "products/{id:int}/{rest?}" against what was called; constraints on the values are not looked at.
std::optional<json::object> fits(const std::string& route, const std::vector<std::string>& segments) {
    const auto parts = split(route, '/');
    json::object values;
    std::size_t at = 0;
    for (const std::string_view part : parts) {
        const bool variable = part.starts_with('{') && part.ends_with('}');
        const bool optional = variable && part.find('?') != std::string_view::npos;
        if (at == segments.size()) {
            if (optional) continue;
            return std::nullopt;
        }
        if (variable) {
            const std::string_view name = part.substr(1, part.find_first_of(":?}") - 1);
            values[name] = segments[at];
        } else if (lower_case(part) != lower_case(segments[at])) {
            return std::nullopt;
        }
        ++at;
    }
    if (at != segments.size()) return std::nullopt;
    return values;
}

} // namespace

std::optional<Sites::Match> Sites::find_function(const json::object& site, const std::string& method,
                                                 const std::vector<std::string>& segments) const {
    const json::object& http = object_at(object_at(object_at(site, "host"), "extensions"), "http");
    const json::value* given = find(http, "routePrefix");
    const std::string prefix = given && given->is_string() ? std::string(given->get_string()) : "api";
    std::vector<std::string> rest = segments;
    if (!prefix.empty()) {
        if (rest.empty() || lower_case(rest.front()) != lower_case(prefix)) return std::nullopt;
        rest.erase(rest.begin());
    }
    for (Function& function : functions_of(site)) {
        if (!function.methods.empty() && !function.methods.contains(method)) continue;
        const std::string off = "AzureWebJobs." + function.name + ".Disabled";
        if (lower_case(string_or(object_at(site, "settings"), off)) == "true") continue;
        if (auto values = fits(function.route, rest)) return Match{std::move(function), std::move(*values)};
    }
    return std::nullopt;
}

/// Function and host keys open a function, only the master key what is for administrators.
bool Sites::may_call(const json::object& site, const Function& function, const Call& call) const {
    if (function.level == "anonymous") return true;
    const std::string* header = call.headers.find("x-functions-key");
    const std::string key = header ? *header : call.parameter("code").value_or("");
    const json::object& keys = object_at(site, "keys");
    const std::string master = string_or(keys, "master");
    if (equal_secret(key, master)) return true;
    if (function.level == "admin") return false;
    return equal_secret(key, string_or(keys, "default")) ||
           equal_secret(key, hex(hmac_sha256(master, function.name)));
}

std::shared_ptr<const FunctionImage> Sites::image_of(const json::object& site) {
    const std::string id = string_or(site, "image");
    if (const auto known = images_.find(id); known != images_.end()) return known->second;
    const std::string name = string_or(site, "name");
    auto made = std::make_shared<FunctionImage>();
    made->id = id;
    made->archive = world_.state().blob(string_or(site, "package"));
    made->max_answer_bytes = max_request;
    made->init_timeout = Milliseconds(world_.setting("azure.init_timeout_ms", 120'000));
    const bool flex = is_flex(site);
    if (flex) {
        const json::object& config = site.at("function_app_config").as_object();
        made->python = string_or(object_at(config, "runtime"), "version");
        made->memory_mb =
            static_cast<int>(integer_or(object_at(config, "scaleAndConcurrency"), "instanceMemoryMB", 2048));
    } else {
        const std::string fx = string_or(site, "linux_fx");
        made->python = fx.substr(fx.find('|') + 1);
        made->memory_mb = 1536;
    }
    auto& environment = made->environment;
    for (const auto& member : object_at(site, "settings"))
        environment[member.key()] = std::string(member.value().as_string());
    // What the settings override of host.json, then the plan's default.
    std::int64_t timeout =
        seconds_of(string_or(object_at(site, "settings"), "AzureFunctionsJobHost__functionTimeout"));
    if (timeout == 0) timeout = seconds_of(string_or(object_at(site, "host"), "functionTimeout"));
    if (timeout == 0) timeout = flex ? flex_timeout : classic_timeout;
    if (!flex) timeout = std::min(timeout, classic_maximum);
    made->timeout = Milliseconds(std::min(timeout * 1000, world_.setting("azure.http_limit_ms", 230'000)));
    const std::map<std::string, std::string> provided{
        {"WEBSITE_SITE_NAME", name},
        {"WEBSITE_HOSTNAME", lower_case(name) + site_suffix},
        {"WEBSITE_INSTANCE_ID", hex(random_bytes(16))},
        {"WEBSITE_RESOURCE_GROUP", string_or(site, "group_name")},
        {"WEBSITE_SKU", flex ? "FlexConsumption" : "Dynamic"},
        {"REGION_NAME", string_or(site, "location")},
        {"FUNCTIONS_WORKER_RUNTIME", "python"},
        {"FUNCTIONS_WORKER_RUNTIME_VERSION", made->python},
        {"FUNCTIONS_EXTENSION_VERSION", "~4"},
        {"AZURE_FUNCTIONS_ENVIRONMENT", "Production"},
        {"PYTHONPATH", "/opt/pyfops-runtime"},
        {"LANG", "C.UTF-8"},
        {"TZ", "UTC"},
    };
    for (const auto& [key, value] : provided)
        environment[key] = value;
    environment.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
    made->runtime_files = {
        {"pyfops_azure_runtime.py", std::string(runtime_files::text("pyfops_azure_runtime.py"))}};
    made->arguments = {"-m", "pyfops_azure_runtime"};
    images_[id] = made;
    return made;
}

ServerResponse Sites::admin(const Call& call, const json::object& site) {
    const std::string* header = call.headers.find("x-functions-key");
    const std::string key = header ? *header : call.parameter("code").value_or("");
    if (!equal_secret(key, string_or(object_at(site, "keys"), "master"))) return empty_response(401);
    if (call.path == "/admin/host/status")
        return json_response(200, json::object{{"id", string_or(site, "name")},
                                               {"state", "Running"},
                                               {"version", "4.0.0-local"},
                                               {"instanceId", string_or(site, "image")}});
    if (call.path == "/admin/host/ping") return empty_response(200);
    if (call.path == "/admin/functions") {
        json::array all;
        for (const Function& function : functions_of(site))
            all.push_back(json::object{{"name", function.name},
                                       {"config", function.config},
                                       {"language", "python"},
                                       {"isDisabled", false}});
        return json_response(200, std::move(all));
    }
    return empty_response(404);
}

Task<ServerResponse> Sites::invoke(ServerRequest request, Call call) {
    using Outcome = ExecutionResult::Outcome;
    const std::string name = call.host.substr(0, call.host.find('.'));
    auto found = world_.state().get("azure/sites", name);
    if (!found) co_return text_response(404, "text/html", "404 Web Site not found.");
    json::object site = std::move(*found);
    settle(site);
    if (string_or(site, "state") != "Running")
        co_return text_response(403, "text/html", "This web app is stopped.");
    if (call.operation == "azure:Admin") co_return admin(call, site);
    if (string_or(site, "package").empty()) co_return empty_response(404);
    if (request.body.size() > max_request) co_return empty_response(413);
    const auto match = find_function(site, call.method, call.segments);
    if (!match) co_return empty_response(404);
    if (!may_call(site, match->function, call)) co_return empty_response(401);
    const auto image = image_of(site);
    const std::string id = world_.uuid();
    const AddressedHost whom = addressed_host(request);
    HttpHeaders fields;
    fields.set("Lambda-Runtime-Azure-Function", match->function.name);
    fields.set("Lambda-Runtime-Azure-Route", json::serialize(match->route_values));
    fields.set("Lambda-Runtime-Azure-Url", "https://" + call.host + whom.target);
    request.headers.erase("Authorization");
    std::string event = to_http_event(request, whom.target);
    auto running = world_.host().instances.execute(image, id, std::move(event), std::move(fields));
    const ExecutionResult result = co_await std::move(running);
    logs_.append(string_or(site, "name"), match->function.name, id, result);
    ServerResponse answer = empty_response(500); // whatever happened: the host says no more
    if (result.outcome == Outcome::answered) {
        answer = from_http_event(result.body);
    } else if (result.error_type.starts_with("Pyfops.")) {
        // What this machine cannot run is the local cloud's to explain.
        answer = text_response(500, "application/json", result.body);
        answer.headers.set("x-pyfops-error", "function");
    } else if (result.outcome == Outcome::timed_out &&
               image->timeout >= Milliseconds(world_.setting("azure.http_limit_ms", 230'000))) {
        answer = text_response(504, "text/html", "504.0 GatewayTimeout");
    }
    answer.headers.set("x-ms-invocation-id", id);
    answer.headers.set("x-pyfops-ran-on", result.ran_on);
    co_return answer;
}

} // namespace pyfops::azure_emulator
