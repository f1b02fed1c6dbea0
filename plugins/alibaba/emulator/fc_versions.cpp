// SPDX-License-Identifier: Apache-2.0
// Versions and aliases.
#include "fc.hpp"

#include "fc_checks.hpp"
#include "paging.hpp"

#include <fmt/format.h>

namespace pyfops::alibaba_emulator {

namespace {

json::object describe_version(const json::object& record) {
    json::object answer;
    for (const std::string_view member : {"versionId", "description", "createdTime", "lastModifiedTime"})
        answer[member] = record.at(member);
    return answer;
}

/// Checks that versions exist and copies what is given.
void apply_alias(const json::object& body, Function& function, json::object& alias) {
    const auto check_version = [&function](const std::string& version) {
        if (version != "LATEST" && !function.member("versions").contains(version))
            throw ApiError(404, "VersionNotFound", fmt::format("version '{}' does not exist", version));
    };
    for (const std::string_view member : {"versionId", "description", "additionalVersionWeight"})
        if (const auto* value = body.if_contains(member); value && !value->is_null()) alias[member] = *value;
    if (string_or(alias, "versionId").empty()) invalid_argument("versionId is required");
    check_version(string_or(alias, "versionId"));
    if (const auto* weights = alias.if_contains("additionalVersionWeight"); weights && weights->is_object())
        for (const auto& weight : weights->as_object()) {
            check_version(std::string(weight.key()));
            const double share = weight.value().is_number() ? weight.value().to_number<double>() : -1;
            if (share < 0 || share > 1) invalid_argument("a weight should be between 0 and 1");
        }
}

} // namespace

ServerResponse FunctionCompute::versions(const Call& call) {
    Function function = required(call);
    json::object& all = function.member("versions");
    if (call.operation == "PublishFunctionVersion") {
        const json::object& latest = function.latest();
        if (string_or(latest, "state") == "Pending" || string_or(latest, "update") == "InProgress")
            throw ApiError(409, "ConcurrentUpdateError",
                           fmt::format("function '{}' is being updated, try again later", function.name()));
        const auto next = integer_or(function.document, "next", 1);
        const std::string now = to_iso8601(world_.now());
        json::object record = latest;
        record["image"] = world_.uuid();
        record["versionId"] = std::to_string(next);
        record["description"] = string_or(json_body(call), "description");
        record["createdTime"] = now;
        record["lastModifiedTime"] = now;
        all[std::to_string(next)] = record;
        function.document["next"] = next + 1;
        save(function);
        return json_response(200, describe_version(record));
    }
    if (call.operation == "ListFunctionVersions") {
        std::vector<std::string> names;
        for (const auto& version : all)
            names.emplace_back(version.key());
        const NamePage page = page_of(world_, call, std::move(names));
        json::array list;
        for (const std::string& name : page.names)
            list.push_back(describe_version(all.at(name).as_object()));
        json::object answer{{"versions", std::move(list)}, {"direction", "FORWARD"}};
        if (!page.next_token.empty()) answer["nextToken"] = page.next_token;
        return json_response(200, answer);
    }
    const std::string& id = call.label("versionId");
    const auto* found = all.if_contains(id);
    if (!found) throw ApiError(404, "VersionNotFound", fmt::format("version '{}' does not exist", id));
    for (const auto& alias : function.member("aliases"))
        if (string_or(alias.value(), "versionId") == id)
            throw ApiError(409, "VersionInUse", fmt::format("alias '{}' uses the version", alias.key()));
    retire(*found);
    all.erase(id);
    save(function);
    return empty_response(204);
}

ServerResponse FunctionCompute::aliases(const Call& call) {
    Function function = required(call);
    json::object& all = function.member("aliases");
    const std::string now = to_iso8601(world_.now());
    if (call.operation == "CreateAlias") {
        const json::object body = json_body(call);
        const std::string name = string_or(body, "aliasName");
        check_name(name, "aliasName");
        if (all.contains(name))
            throw ApiError(409, "AliasAlreadyExists", fmt::format("alias '{}' already exists", name));
        json::object alias{{"aliasName", name}, {"createdTime", now}, {"lastModifiedTime", now}};
        apply_alias(body, function, alias);
        all[name] = alias;
        save(function);
        return json_response(200, alias);
    }
    if (call.operation == "ListAliases") {
        std::vector<std::string> names;
        for (const auto& alias : all)
            if (alias.key().starts_with(call.parameter("prefix"))) names.emplace_back(alias.key());
        const NamePage page = page_of(world_, call, std::move(names));
        json::array list;
        for (const std::string& name : page.names)
            list.push_back(all.at(name));
        json::object answer{{"aliases", std::move(list)}};
        if (!page.next_token.empty()) answer["nextToken"] = page.next_token;
        return json_response(200, answer);
    }
    const std::string& name = call.label("aliasName");
    auto* found = all.if_contains(name);
    if (!found) throw ApiError(404, "AliasNotFound", fmt::format("alias '{}' does not exist", name));
    if (call.operation == "DeleteAlias") {
        all.erase(name);
        save(function);
        return empty_response(204);
    }
    if (call.operation == "UpdateAlias") {
        json::object alias = found->as_object();
        apply_alias(json_body(call), function, alias);
        alias["lastModifiedTime"] = now;
        *found = alias;
        save(function);
    }
    return json_response(200, *found);
}

} // namespace pyfops::alibaba_emulator
