// SPDX-License-Identifier: Apache-2.0
#include "functions.hpp"

#include "checks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "regions.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pyfops::google_emulator {
namespace {

const std::string collection = "google/functions";

std::size_t page_size(const Call& call) {
    const std::string text = call.parameter("pageSize");
    if (text.empty()) return 100;
    std::size_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size())
        invalid_argument(fmt::format("Invalid value at 'page_size' (TYPE_INT32), \"{}\"", text));
    return number == 0 ? 100 : std::min<std::size_t>(number, 1000);
}

/// The one filter that clients of functions use.
void check_filter(const std::string& filter) {
    if (!filter.empty() && filter != "environment=\"GEN_2\"" && filter != "environment=GEN_2")
        invalid_argument("The local cloud knows the filter environment=\"GEN_2\" only");
}

} // namespace

std::string Function::resource_name() const {
    return fmt::format("projects/{}/locations/{}/functions/{}", project, location(), name());
}

std::string Function::service_name() const {
    return fmt::format("projects/{}/locations/{}/services/{}", project, location(), name());
}

const json::object* Function::serving() const {
    const json::value* found = document.if_contains("serving");
    return found ? found->if_object() : nullptr;
}

std::optional<Function> Functions::load(const std::string& location, const std::string& name) {
    auto document = world_.state().get(collection, location + "/" + name);
    if (!document) return std::nullopt;
    Function function{std::move(*document)};
    if (settle(function)) return std::nullopt;
    return function;
}

Function Functions::required(const Call& call) {
    auto function = load(call.location, call.name);
    if (!function) not_found(fmt::format("{}/functions/{}", call.parent(), call.name));
    return std::move(*function);
}

void Functions::save(const Function& function) {
    world_.state().put(collection, function.location() + "/" + function.name(), function.document);
}

json::object Functions::describe(const Function& function) const {
    json::object shown = function.document.at("resource").as_object();
    apply_defaults(shown);
    shown["name"] = function.resource_name();
    shown["environment"] = "GEN_2";
    shown["state"] = function.text("state");
    if (const json::value* messages = function.document.if_contains("messages"))
        shown["stateMessages"] = *messages;
    shown["createTime"] = google_time(integer_or(function.document, "created"));
    shown["updateTime"] = google_time(integer_or(function.document, "updated"));
    shown["url"] = url(function);
    json::object& config = shown["serviceConfig"].as_object();
    if (const json::object* serving = function.serving()) {
        config["uri"] = uri(function);
        config["service"] = function.service_name();
        config["revision"] = string_or(*serving, "revision");
    }
    json::object& build = shown["buildConfig"].as_object();
    // The code is copied; the upload is not referred to any more.
    json::object stored{{"bucket", fmt::format("gcf-v2-sources-{}-{}", project_number, function.location())},
                        {"object", function.name() + "/function-source.zip"}};
    build["source"] = json::object{{"storageSource", stored}};
    stored["generation"] = std::to_string(integer_or(function.document, "generation"));
    build["sourceProvenance"] = json::object{{"resolvedStorageSource", stored}};
    build["build"] = fmt::format("projects/{}/locations/{}/builds/{}", project_number, function.location(),
                                 function.text("build"));
    build["dockerRegistry"] = "ARTIFACT_REGISTRY";
    return shown;
}

ServerResponse Functions::create(const Call& call) {
    check_location(call.location);
    const std::string name = call.parameter("functionId");
    check_function_id(name);
    const json::object body = call.json_body();
    if (string_or(body, "environment", "GEN_2") != "GEN_2")
        invalid_argument("The local cloud has functions of the second generation only");
    if (const std::string own = string_or(body, "name");
        !own.empty() && own != fmt::format("{}/functions/{}", call.parent(), name))
        invalid_argument("The function's name does not fit the parent and the function id");
    json::object resource = writable(body);
    if (!resource.contains("buildConfig")) invalid_argument("build_config is required");
    check_resource(resource);
    if (load(call.location, name)) {
        throw ApiError(409, "ALREADY_EXISTS",
                       fmt::format("Resource '{}/functions/{}' already exists", call.parent(), name));
    }
    const json::value* source = find(resource.at("buildConfig"), "source");
    const json::value* storage = source ? find(*source, "storageSource") : nullptr;
    if (!storage) invalid_argument("build_config.source.storage_source is required");
    const std::string blob = uploads_.fetch(*storage);
    Function function{{{"name", name},
                       {"location", call.location},
                       {"resource", resource},
                       {"blob", blob},
                       {"policy", json::object{{"version", 1}, {"etag", base64(random_bytes(8))}}},
                       {"created", world_.now_ms()},
                       {"updated", world_.now_ms()},
                       {"generation", world_.now_ms() * 1000},
                       {"build", world_.uuid()}}};
    auto failure = build_failure(resource, blob);
    const json::object operation = start(function, "CREATE_FUNCTION", "create",
                                         world_.setting("google.create_ms", 150), std::move(failure));
    save(function);
    return json_response(200, operation);
}

ServerResponse Functions::update(const Call& call) {
    Function function = required(call);
    const json::object body = writable(call.json_body());
    json::object changed = function.resource();
    const std::string mask = call.parameter("updateMask");
    if (mask.empty())
        changed = body; // all fields are replaced
    else
        apply_mask(changed, body, mask);
    if (!changed.contains("buildConfig")) changed["buildConfig"] = function.resource()["buildConfig"];
    check_resource(changed);
    if (!function.text("operation").empty())
        throw ApiError(
            409, "ABORTED",
            fmt::format("An operation on function {} in region {} in project {} is already in progress. "
                        "Please try again later.",
                        function.name(), function.location(), project));
    const json::value* source = find(body, "buildConfig") ? find(body.at("buildConfig"), "source") : nullptr;
    const bool new_code = source && (mask.empty() || mask.find("buildConfig.source") != std::string::npos ||
                                     ("," + mask + ",").find(",buildConfig,") != std::string::npos);
    if (new_code) {
        const json::value* storage = find(*source, "storageSource");
        if (!storage) invalid_argument("build_config.source.storage_source is required");
        function.document["blob"] = uploads_.fetch(*storage);
        function.document["generation"] = world_.now_ms() * 1000;
        function.document["build"] = world_.uuid();
    }
    function.document["resource"] = changed;
    function.document["updated"] = world_.now_ms();
    auto failure = build_failure(changed, function.text("blob"));
    const json::object operation = start(function, "UPDATE_FUNCTION", "update",
                                         world_.setting("google.update_ms", 100), std::move(failure));
    save(function);
    return json_response(200, operation);
}

ServerResponse Functions::remove(const Call& call) {
    Function function = required(call);
    if (!function.text("operation").empty())
        throw ApiError(
            409, "ABORTED",
            fmt::format("An operation on function {} in region {} in project {} is already in progress. "
                        "Please try again later.",
                        function.name(), function.location(), project));
    const json::object operation =
        start(function, "DELETE_FUNCTION", "delete", world_.setting("google.delete_ms", 50), std::nullopt);
    save(function);
    return json_response(200, operation);
}

ServerResponse Functions::list(const Call& call) {
    const bool everywhere = call.location == "-";
    if (!everywhere) check_location(call.location);
    check_filter(call.parameter("filter"));
    const std::size_t limit = world_.page(page_size(call));
    std::string after = call.parameter("pageToken");
    if (!after.empty()) {
        try {
            after = base64url_decode(after);
        } catch (const Error&) {
            invalid_argument("The page token is not valid");
        }
    }
    json::array found;
    json::object answer;
    std::string last;
    for (const std::string& key : world_.state().keys(collection, everywhere ? "" : call.location + "/")) {
        if (!after.empty() && key <= after) continue;
        if (found.size() == limit) {
            answer["nextPageToken"] = base64url(last);
            break;
        }
        const auto slash = key.find('/');
        const auto function = load(key.substr(0, slash), key.substr(slash + 1));
        if (!function) continue;
        last = key;
        found.push_back(describe(*function));
    }
    answer["functions"] = std::move(found);
    return json_response(200, answer);
}

ServerResponse Functions::policy(const Call& call) {
    auto function = load(call.location, call.name);
    if (!function || !function->serving()) not_found(fmt::format("{}/services/{}", call.parent(), call.name));
    json::object& stored = function->document["policy"].as_object();
    if (call.operation == "GetIamPolicy") return json_response(200, stored);
    const json::object body = call.json_body();
    const json::value* wanted = body.if_contains("policy");
    if (!wanted || !wanted->is_object()) invalid_argument("policy is required");
    const std::string etag = string_or(*wanted, "etag");
    if (!etag.empty() && etag != string_or(stored, "etag"))
        throw ApiError(409, "ABORTED",
                       "There were concurrent policy changes. Please retry the whole read-modify-write with "
                       "exponential backoff.");
    json::object policy{{"version", 1}, {"etag", base64(random_bytes(8))}};
    if (const json::value* bindings = find(*wanted, "bindings"); bindings && bindings->is_array()) {
        for (const json::value& binding : bindings->as_array()) {
            const json::value* members = find(binding, "members");
            if (string_or(binding, "role").empty() || !members || !members->is_array())
                invalid_argument("A binding has a role and members");
        }
        if (!bindings->as_array().empty()) policy["bindings"] = *bindings;
    }
    stored = policy;
    save(*function);
    return json_response(200, policy);
}

ServerResponse Functions::catalogue(const Call& call) const {
    if (call.operation == "ListLocations") {
        json::array all;
        for (const std::string_view region : regions)
            all.push_back(json::object{{"name", fmt::format("projects/{}/locations/{}", project, region)},
                                       {"locationId", region},
                                       {"labels", json::object{{"cloud.googleapis.com/region", region}}}});
        return json_response(200, json::object{{"locations", std::move(all)}});
    }
    check_location(call.location);
    json::array all;
    for (const Runtime& one : runtimes)
        all.push_back(json::object{{"name", one.name},
                                   {"displayName", one.title},
                                   {"stage", "GA"},
                                   {"environment", "GEN_2"},
                                   {"deprecationDate", json::object{{"year", one.deprecated_year},
                                                                    {"month", one.deprecated_month},
                                                                    {"day", one.deprecated_day}}}});
    return json_response(200, json::object{{"runtimes", std::move(all)}});
}

ServerResponse Functions::handle(const Call& call) {
    const std::string& operation = call.operation;
    if (operation == "GenerateUploadUrl") {
        check_location(call.location);
        return uploads_.generate(call);
    }
    if (operation == "CreateFunction") return create(call);
    if (operation == "GetFunction") return json_response(200, describe(required(call)));
    if (operation == "ListFunctions") return list(call);
    if (operation == "UpdateFunction") return update(call);
    if (operation == "DeleteFunction") return remove(call);
    if (operation == "GetOperation" || operation == "ListOperations") return operations(call);
    if (operation == "ListLocations" || operation == "ListRuntimes") return catalogue(call);
    return policy(call);
}

} // namespace pyfops::google_emulator
