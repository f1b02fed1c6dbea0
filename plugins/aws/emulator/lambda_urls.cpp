// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "lambda_checks.hpp"

#include <fmt/format.h>

namespace pyfops::aws_emulator {

namespace {

[[noreturn]] void not_found(const std::string& message = "The resource you requested does not exist.") {
    throw ApiError(404, "ResourceNotFoundException", message);
}

/// Copies AuthType, Cors and InvokeMode where they are given.
void apply(const json::object& body, json::object& url) {
    Violations violations;
    const std::string auth = string_or(body, "AuthType");
    if (!auth.empty() && auth != "NONE" && auth != "AWS_IAM")
        violations.add(auth, "authType", "Member must satisfy enum value set: [NONE, AWS_IAM]");
    const std::string mode = string_or(body, "InvokeMode");
    if (!mode.empty() && mode != "BUFFERED" && mode != "RESPONSE_STREAM")
        violations.add(mode, "invokeMode", "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]");
    violations.check();
    for (const std::string_view name : {"AuthType", "Cors", "InvokeMode"})
        if (const auto* value = body.if_contains(name); value && !value->is_null()) url[name] = *value;
}

} // namespace

json::object Lambda::describe_url(const Function& function, const std::string& qualifier,
                                  const json::object& url) const {
    json::object answer{{"AuthType", url.at("AuthType")},
                        {"CreationTime", url.at("CreationTime")},
                        {"FunctionArn", function.reference(qualifier).arn()},
                        {"FunctionUrl", fmt::format("{}/{}.lambda-url.{}.on.aws/", world_.host().base_url,
                                                    string_or(url, "id"), function.region())}};
    if (const auto* cors = url.if_contains("Cors")) answer["Cors"] = *cors;
    return answer;
}

ServerResponse Lambda::url_config(const Call& call) {
    const json::object body = json_body(call);
    const FunctionReference reference = read_reference(call);
    const bool create = call.operation == "CreateFunctionUrlConfig";
    const bool update = call.operation == "UpdateFunctionUrlConfig";
    auto function = load(reference.region, reference.name);
    if (!function)
        not_found(create || update ? "Function does not exist"
                                   : "The resource you requested does not exist.");
    auto& urls = function->member("urls");
    const std::string now = to_iso8601(world_.now());
    if (call.operation == "ListFunctionUrlConfigs") {
        json::array list;
        for (const auto& url : urls) {
            auto entry = describe_url(*function, url.key(), url.value().as_object());
            entry["LastModifiedTime"] = url.value().at("LastModifiedTime");
            entry["InvokeMode"] = url.value().at("InvokeMode");
            list.push_back(std::move(entry));
        }
        return json_response(200, json::object{{"FunctionUrlConfigs", std::move(list)}});
    }
    if (create) {
        if (!reference.qualifier.empty() && !function->member("aliases").contains(reference.qualifier))
            not_found("Function does not exist");
        if (urls.contains(reference.qualifier))
            throw ApiError(
                409, "ResourceConflictException",
                fmt::format("Failed to create function url config for [functionArn = {}]. Error message:  "
                            "FunctionUrlConfig exists for this Lambda function",
                            reference.arn()));
        json::object url{{"id", world_.random_text(32, "abcdefghijklmnopqrstuvwxyz234567")},
                         {"AuthType", "NONE"},
                         {"InvokeMode", "BUFFERED"},
                         {"CreationTime", now},
                         {"LastModifiedTime", now}};
        apply(body, url);
        world_.state().put(
            "aws/urls", string_or(url, "id"),
            {{"region", reference.region}, {"name", reference.name}, {"qualifier", reference.qualifier}});
        urls[reference.qualifier] = url;
        save(*function);
        auto answer = describe_url(*function, reference.qualifier, url);
        if (body.contains("InvokeMode")) answer["InvokeMode"] = url["InvokeMode"];
        return json_response(201, answer);
    }
    auto* found = urls.if_contains(reference.qualifier);
    if (!found) not_found();
    auto& url = found->as_object();
    if (call.operation == "DeleteFunctionUrlConfig") {
        world_.state().erase("aws/urls", string_or(url, "id"));
        urls.erase(reference.qualifier);
        save(*function);
        return empty_response(204);
    }
    if (update) {
        apply(body, url);
        url["LastModifiedTime"] = now;
        save(*function);
    }
    auto answer = describe_url(*function, reference.qualifier, url);
    answer["LastModifiedTime"] = url["LastModifiedTime"];
    if (!update || body.contains("InvokeMode")) answer["InvokeMode"] = url["InvokeMode"];
    return json_response(200, answer);
}

} // namespace pyfops::aws_emulator
