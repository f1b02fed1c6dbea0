// SPDX-License-Identifier: Apache-2.0
// Tags (tags-v2) and reserved concurrency.
#include "fc.hpp"

#include "fc_checks.hpp"
#include "paging.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t most_resources = 50;

void check_type(const std::string& type) {
    if (lower_case(type) != "function")
        invalid_argument(fmt::format("the local cloud has tags of functions only, not of '{}'", type));
}

std::vector<std::string> texts(const json::value& list, std::string_view what) {
    std::vector<std::string> all;
    if (!list.is_array()) invalid_argument(fmt::format("{} should be a list", what));
    for (const auto& one : list.as_array()) {
        if (!one.is_string()) invalid_argument(fmt::format("{} should be a list of strings", what));
        all.emplace_back(one.as_string());
    }
    if (all.size() > most_resources) invalid_argument(fmt::format("{} has more than 50 members", what));
    return all;
}

/// A parameter that holds JSON; null when it is not there.
json::value json_parameter(const Call& call, std::string_view name) {
    const std::string text = call.parameter(name);
    if (text.empty()) return nullptr;
    try {
        return parse_json(text, name);
    } catch (const Error& error) {
        invalid_argument(error.message());
    }
}

/// acs:fc:<region>:<account>:functions/<name>
std::string name_in(const std::string& arn, const std::string& region) {
    const std::string start = fmt::format("acs:fc:{}:{}:functions/", region, account);
    if (!arn.starts_with(start))
        invalid_argument(fmt::format("'{}' is not the ARN of a function in {}", arn, region));
    return arn.substr(start.size());
}

bool has_all(const json::object& tags, const json::value& wanted) {
    if (!wanted.is_array()) return true;
    for (const auto& tag : wanted.as_array()) {
        const auto* value = tags.if_contains(string_or(tag, "Key"));
        if (!value) return false;
        if (find(tag, "Value") && *value != json::string(string_or(tag, "Value"))) return false;
    }
    return true;
}

} // namespace

ServerResponse FunctionCompute::tags(const Call& call) {
    const auto named = [&](const std::string& arn) {
        const std::string name = name_in(arn, call.region);
        auto function = load(call.region, name);
        if (!function)
            throw ApiError(404, "FunctionNotFound", fmt::format("function '{}' does not exist", name));
        return std::move(*function);
    };
    if (call.operation == "TagResources") {
        const json::object body = json_body(call);
        check_type(string_or(body, "ResourceType"));
        const auto* ids = body.if_contains("ResourceId");
        const auto* tags = body.if_contains("Tag");
        if (!ids || !tags) invalid_argument("ResourceId and Tag are required");
        std::vector<Function> changed;
        for (const std::string& arn : texts(*ids, "ResourceId")) {
            changed.push_back(named(arn));
            add_tags(*tags, changed.back().member("tags"));
        }
        for (const Function& function : changed)
            save(function);
        return json_response(200, json::object{{"RequestId", call.request_id}});
    }
    check_type(call.parameter("ResourceType"));
    const json::value ids = json_parameter(call, "ResourceId");
    if (call.operation == "UntagResources") {
        const json::value keys = json_parameter(call, "TagKey");
        for (const std::string& arn : texts(ids, "ResourceId")) {
            Function function = named(arn);
            if (call.parameter("All") == "true") function.member("tags").clear();
            if (!keys.is_null())
                for (const std::string& key : texts(keys, "TagKey"))
                    function.member("tags").erase(key);
            save(function);
        }
        return json_response(200, json::object{{"RequestId", call.request_id}});
    }
    const json::value wanted = json_parameter(call, "Tag");
    if (ids.is_null() && wanted.is_null()) invalid_argument("ResourceId or Tag is required");
    std::vector<std::string> names;
    if (ids.is_null()) {
        const std::string start = call.region + "/";
        for (const auto& key : world_.state().keys("alibaba/functions", start))
            names.push_back(key.substr(start.size()));
    } else {
        for (const std::string& arn : texts(ids, "ResourceId"))
            names.push_back(name_in(arn, call.region));
    }
    std::erase_if(names, [&](const std::string& name) {
        auto function = load(call.region, name);
        return !function || !has_all(function->member("tags"), wanted);
    });
    const NamePage page = page_of(world_, call, std::move(names), "Limit", "NextToken");
    json::array list;
    for (const std::string& name : page.names) {
        auto function = load(call.region, name);
        for (const auto& tag : function->member("tags"))
            list.push_back(json::object{{"ResourceId", function->arn()},
                                        {"ResourceType", "FUNCTION"},
                                        {"TagKey", tag.key()},
                                        {"TagValue", tag.value()}});
    }
    json::object answer{{"RequestId", call.request_id}, {"TagResources", std::move(list)}};
    if (!page.next_token.empty()) answer["NextToken"] = page.next_token;
    return json_response(200, answer);
}

ServerResponse FunctionCompute::concurrency(const Call& call) {
    Function function = required(call);
    if (call.operation == "PutConcurrencyConfig") {
        const auto wanted = integer_or(json_body(call), "reservedConcurrency", -1);
        if (wanted < 0) invalid_argument("reservedConcurrency should be a number from 0 on");
        function.document["reserved"] = wanted;
        save(function);
    } else if (call.operation == "DeleteConcurrencyConfig") {
        function.document.erase("reserved");
        save(function);
        return empty_response(204);
    }
    const auto* reserved = function.document.if_contains("reserved");
    if (!reserved)
        throw ApiError(404, "ConcurrencyConfigNotFound",
                       fmt::format("function '{}' has no concurrency configuration", function.name()));
    return json_response(200,
                         json::object{{"functionArn", function.arn()}, {"reservedConcurrency", *reserved}});
}

} // namespace pyfops::alibaba_emulator
