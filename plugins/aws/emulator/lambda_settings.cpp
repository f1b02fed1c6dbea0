// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "lambda_checks.hpp"

#include <fmt/format.h>

#include <set>

namespace pyfops::aws_emulator {

namespace {

constexpr std::string_view resource_shown =
    R"(arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+))";

constexpr std::int64_t account_concurrency = 1000;
constexpr std::int64_t minimum_unreserved = 100;

} // namespace

ServerResponse Lambda::tags(const Call& call) {
    const std::string& resource = call.label("Resource");
    Violations violations;
    violations.pattern(
        resource, "resource", resource_shown,
        R"(arn:(aws[a-zA-Z-]*):lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9_-]+(:(\$LATEST|[a-zA-Z0-9_-]+))?)");
    violations.check();
    Call named = call;
    named.labels["FunctionName"] = resource;
    const FunctionReference reference = read_reference(named);
    if (!reference.qualifier.empty())
        invalid_parameter(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.");
    Function function = required(reference);
    auto& tags = function.member("tags");
    if (call.operation == "ListTags") return json_response(200, json::object{{"Tags", tags}});
    if (call.operation == "TagResource") {
        const json::object body = json_body(call);
        const auto* given = body.if_contains("Tags");
        if (!given || !given->is_object() || given->as_object().empty())
            invalid_parameter("An error occurred and the request cannot be processed.");
        json::object all = tags;
        for (const auto& tag : given->as_object())
            all[tag.key()] = tag.value();
        check_tags(all);
        tags = std::move(all);
    } else {
        bool any = false;
        for (const auto& [key, value] : call.query)
            if (key == "tagKeys") {
                any = true;
                tags.erase(value);
            }
        if (!any)
            throw ApiError(
                400, "ValidationException",
                "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member "
                "must not be null");
    }
    save(function);
    return empty_response(204);
}

ServerResponse Lambda::concurrency(const Call& call) {
    const FunctionReference reference = read_reference(call);
    const bool put = call.operation == "PutFunctionConcurrency";
    if (put && !reference.qualifier.empty())
        invalid_parameter(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support "
            "this operation. Please specify either a function name or an unqualified function ARN.");
    Function function = required(reference, put ? reference.unqualified_arn() + ":$LATEST" : "");
    if (call.operation == "GetFunctionConcurrency") {
        json::object answer;
        if (const auto* reserved = function.document.if_contains("reserved"))
            answer["ReservedConcurrentExecutions"] = *reserved;
        return json_response(200, answer);
    }
    if (!put) {
        function.document.erase("reserved");
        save(function);
        return empty_response(204);
    }
    const auto wanted = integer_or(json_body(call), "ReservedConcurrentExecutions", -1);
    if (wanted < 0) {
        Violations violations;
        violations.add(std::to_string(wanted), "reservedConcurrentExecutions",
                       "Member must have value greater than or equal to 0");
        violations.check();
    }
    if (wanted > account_concurrency - minimum_unreserved)
        invalid_parameter(
            fmt::format("Specified ReservedConcurrentExecutions for function decreases account's "
                        "UnreservedConcurrentExecution below its minimum value of [{}].",
                        minimum_unreserved));
    function.document["reserved"] = wanted;
    save(function);
    return json_response(200, json::object{{"ReservedConcurrentExecutions", wanted}});
}

ServerResponse Lambda::account_settings(const Call& call) {
    std::int64_t count = 0, bytes = 0, reserved = 0;
    const std::string prefix = call.region + "/";
    for (const auto& key : world_.state().keys("aws/functions", prefix)) {
        auto function = load(call.region, key.substr(prefix.size()));
        if (!function) continue;
        ++count;
        bytes += integer_or(function->latest(), "size");
        for (const auto& version : function->member("published"))
            bytes += integer_or(version.value(), "size");
        reserved += integer_or(function->document, "reserved");
    }
    return json_response(
        200, json::object{{"AccountLimit",
                           {{"TotalCodeSize", 80530636800},
                            {"CodeSizeUnzipped", 262144000},
                            {"CodeSizeZipped", 52428800},
                            {"ConcurrentExecutions", account_concurrency},
                            {"UnreservedConcurrentExecutions", account_concurrency - reserved}}},
                          {"AccountUsage", {{"TotalCodeSize", bytes}, {"FunctionCount", count}}}});
}

} // namespace pyfops::aws_emulator
