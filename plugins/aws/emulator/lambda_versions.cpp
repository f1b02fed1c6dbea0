// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "lambda_checks.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace pyfops::aws_emulator {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What a version is made of, but for its description.
std::string essence(const json::object& record) {
    json::object config = record.at("config").as_object();
    config.erase("Description");
    return string_or(record, "sha") + canonical_json(config);
}

json::object describe_alias(const Function& function, const std::string& name, const json::object& alias) {
    json::object answer = alias;
    answer["Name"] = name;
    answer["AliasArn"] = function.reference(name).arn();
    return answer;
}

void check_alias_name(const std::string& name) {
    Violations violations;
    if (is_number(name))
        violations.add(name, "name",
                       "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
    else
        violations.pattern(name, "name", "(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "[a-zA-Z0-9_-]+");
    violations.check();
}

} // namespace

json::object& Lambda::publish(Function& function, const std::string& description, bool pending) {
    const auto number = integer_or(function.document, "next", 1);
    json::object record = function.latest();
    record["version"] = std::to_string(number);
    record["revision"] = world_.uuid();
    record["image"] = world_.uuid();
    record["config"].as_object()["Description"] = description;
    if (pending) {
        record["state"] = "Pending";
        record["update"] = "";
    } else {
        record["state"] = "Active";
        record["update"] = "Successful";
        record["ready_at"] = 0;
    }
    function.document["next"] = number + 1;
    auto& published = function.member("published");
    published[std::to_string(number)] = std::move(record);
    return published[std::to_string(number)].as_object();
}

ServerResponse Lambda::publish_version(const Call& call) {
    const json::object body = json_body(call);
    const FunctionReference reference = read_reference(call);
    Function function = required(reference);
    check_updatable(function, body);
    const std::string current = string_or(function.latest(), "sha");
    if (const auto wanted = string_or(body, "CodeSha256"); !wanted.empty() && wanted != current)
        invalid_parameter(
            fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try "
                        "again with the CodeSHA256 in $LATEST.",
                        wanted, current));
    // Nothing changed since the last one: that is the answer.
    const auto last = std::to_string(integer_or(function.document, "next", 1) - 1);
    if (const auto* before = function.member("published").if_contains(last);
        before && essence(before->as_object()) == essence(function.latest()))
        return json_response(201, describe(before->as_object(), function.reference(last).arn(), true));
    const std::string description = body.contains("Description")
                                        ? string_or(body, "Description")
                                        : string_or(function.latest().at("config"), "Description");
    const auto& version = publish(function, description, false);
    const auto answer = describe(version, function.reference(string_or(version, "version")).arn(), true);
    save(function);
    return json_response(201, answer);
}

ServerResponse Lambda::list_versions(const Call& call) {
    const FunctionReference reference = read_reference(call);
    Function function = required(reference);
    json::array versions{list_entry(function.latest(), function.reference("$LATEST").arn())};
    for (long long number = 1; number < integer_or(function.document, "next", 1); ++number) {
        const auto name = std::to_string(number);
        if (const auto* version = function.member("published").if_contains(name))
            versions.push_back(list_entry(version->as_object(), function.reference(name).arn()));
    }
    return json_response(200, json::object{{"Versions", std::move(versions)}});
}

json::object Lambda::routing(Function& function, const json::object& body, const std::string& version) {
    const auto* config = body.if_contains("RoutingConfig");
    const auto* given = config ? find(*config, "AdditionalVersionWeights") : nullptr;
    if (!given || !given->is_object() || given->as_object().empty()) return {};
    const auto& weights = given->as_object();
    if (weights.size() > 1)
        invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
    const std::string other = weights.begin()->key();
    const double weight =
        weights.begin()->value().is_number() ? weights.begin()->value().to_number<double>() : -1;
    Violations violations;
    if (!is_number(other))
        violations.add(
            fmt::format("{{{}={}}}", other, weight), "routingConfig.additionalVersionWeights",
            "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member "
            "must have length greater than or equal to 1, Member must satisfy regular expression pattern: "
            "[0-9]+]");
    if (weight < 0 || weight > 1)
        violations.add(
            fmt::format("{{{}={:.1f}}}", other, weight), "routingConfig.additionalVersionWeights",
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member "
            "must have value greater than or equal to 0.0, Member must not be null]");
    violations.check();
    if (version == "$LATEST")
        invalid_parameter("$LATEST is not supported for an alias pointing to more than 1 version");
    if (other == version)
        invalid_parameter(
            fmt::format("Invalid function version {0}. Function version {0} is already included in "
                        "routing configuration.",
                        other));
    if (!function.member("published").contains(other)) function_not_found(function.reference(other).arn());
    return {{"AdditionalVersionWeights", weights}};
}

ServerResponse Lambda::create_alias(const Call& call) {
    const json::object body = json_body(call);
    const std::string name = string_or(body, "Name");
    check_alias_name(name);
    const std::string version = string_or(body, "FunctionVersion");
    FunctionReference reference = read_reference(call);
    reference.qualifier = version;
    Function function = required(reference);
    const json::object weights = routing(function, body, version);
    if (version != "$LATEST" && !function.member("published").contains(version))
        function_not_found(reference.arn());
    auto& aliases = function.member("aliases");
    if (aliases.contains(name))
        throw ApiError(409, "ResourceConflictException",
                       "Alias already exists: " + function.reference(name).arn());
    json::object alias{{"Description", string_or(body, "Description")},
                       {"FunctionVersion", version},
                       {"RevisionId", world_.uuid()}};
    if (!weights.empty()) alias["RoutingConfig"] = weights;
    aliases[name] = alias;
    save(function);
    return json_response(201, describe_alias(function, name, alias));
}

ServerResponse Lambda::update_alias(const Call& call) {
    const json::object body = json_body(call);
    Function function = required(read_reference(call));
    const std::string& name = call.label("Name");
    auto& aliases = function.member("aliases");
    if (!aliases.contains(name))
        throw ApiError(404, "ResourceNotFoundException",
                       "Alias not found: " + function.reference(name).arn());
    json::object alias = aliases[name].as_object();
    if (const auto revision = string_or(body, "RevisionId");
        !revision.empty() && revision != string_or(alias, "RevisionId"))
        throw ApiError(
            412, "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
            "API to retrieve the latest Revision Id");
    if (body.contains("Description")) alias["Description"] = string_or(body, "Description");
    if (const auto version = string_or(body, "FunctionVersion"); !version.empty()) {
        if (version != "$LATEST" && !function.member("published").contains(version))
            function_not_found(function.reference(version).arn());
        alias["FunctionVersion"] = version;
    }
    if (body.contains("RoutingConfig")) {
        alias.erase("RoutingConfig");
        if (auto weights = routing(function, body, string_or(alias, "FunctionVersion")); !weights.empty())
            alias["RoutingConfig"] = std::move(weights);
    }
    alias["RevisionId"] = world_.uuid();
    aliases[name] = alias;
    save(function);
    return json_response(200, describe_alias(function, name, alias));
}

ServerResponse Lambda::get_alias(const Call& call) {
    Function function = required(read_reference(call));
    const std::string& name = call.label("Name");
    const auto* alias = function.member("aliases").if_contains(name);
    if (!alias)
        throw ApiError(404, "ResourceNotFoundException",
                       "Cannot find alias arn: " + function.reference(name).arn());
    return json_response(200, describe_alias(function, name, alias->as_object()));
}

ServerResponse Lambda::list_aliases(const Call& call) {
    Function function = required(read_reference(call));
    const std::string version = call.parameter("FunctionVersion").value_or("");
    json::array list;
    for (const auto& alias : function.member("aliases"))
        if (version.empty() || string_or(alias.value(), "FunctionVersion") == version)
            list.push_back(describe_alias(function, alias.key(), alias.value().as_object()));
    return json_response(200, json::object{{"Aliases", std::move(list)}});
}

ServerResponse Lambda::delete_alias(const Call& call) {
    Function function = required(read_reference(call));
    const std::string& name = call.label("Name");
    if (function.member("aliases").erase(name) > 0) {
        function.member("policies").erase(name);
        save(function);
    }
    return empty_response(204);
}

} // namespace pyfops::aws_emulator
