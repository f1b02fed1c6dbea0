// SPDX-License-Identifier: Apache-2.0
#include "lambda_checks.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::aws_emulator {

void invalid_parameter(const std::string& message) {
    throw ApiError(400, "InvalidParameterValueException", message);
}

void Violations::add(std::string_view value, std::string_view member, std::string_view constraint) {
    found_.push_back(
        fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", value, member, constraint));
}

void Violations::pattern(const std::string& value, std::string_view member, std::string_view shown,
                         const std::string& expression) {
    // std::regex recurses once a character: bounded before it is asked.
    if (value.size() > 2000 || !std::regex_match(value, std::regex(expression)))
        add(value, member, fmt::format("Member must satisfy regular expression pattern: {}", shown));
}

void Violations::check() const {
    if (found_.empty()) return;
    throw ApiError(400, "ValidationException",
                   fmt::format("{} validation error{} detected: {}", found_.size(),
                               found_.size() == 1 ? "" : "s", fmt::join(found_, "; ")));
}

namespace {

constexpr std::array<std::string_view, 25> runtimes{
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x",
    "java25",     "python3.10", "python3.11",      "java21",     "ruby3.3",    "ruby3.4",    "ruby3.2",
    "python3.8",  "python3.9",  "java17",          "nodejs16.x", "dotnet10",   "dotnet8",    "java11",
    "dotnet6",    "nodejs18.x", "provided.al2",    "java8.al2"};

constexpr std::size_t environment_limit = 4096;

std::string text_member(const json::object& body, std::string_view name) {
    const auto* value = body.if_contains(name);
    if (!value || value->is_null()) return {};
    if (!value->is_string())
        throw ApiError(400, "SerializationException",
                       fmt::format("{} can not be converted to a String", json::serialize(*value)));
    return std::string(value->as_string());
}

std::optional<std::int64_t> integer_member(const json::object& body, std::string_view name) {
    const auto* value = body.if_contains(name);
    if (!value || value->is_null()) return std::nullopt;
    boost::system::error_code failure;
    const auto number = value->to_number<std::int64_t>(failure);
    if (failure)
        throw ApiError(400, "SerializationException",
                       fmt::format("{} can not be converted to an Integer", json::serialize(*value)));
    return number;
}

void range(Violations& violations, std::optional<std::int64_t> value, std::string_view member,
           std::int64_t least, std::int64_t most) {
    if (!value) return;
    if (*value < least)
        violations.add(std::to_string(*value), member,
                       fmt::format("Member must have value greater than or equal to {}", least));
    if (*value > most)
        violations.add(std::to_string(*value), member,
                       fmt::format("Member must have value less than or equal to {}", most));
}

bool reserved_key(std::string_view key) {
    static constexpr std::array<std::string_view, 10> reserved{"_HANDLER",           "_X_AMZN_TRACE_ID",
                                                               "AWS_REGION",         "AWS_DEFAULT_REGION",
                                                               "AWS_EXECUTION_ENV",  "AWS_SECRET_ACCESS_KEY",
                                                               "AWS_SESSION_TOKEN",  "LAMBDA_TASK_ROOT",
                                                               "LAMBDA_RUNTIME_DIR", "TZ"};
    return key.starts_with("AWS_LAMBDA_") || key.starts_with("AWS_ACCESS_KEY") ||
           std::find(reserved.begin(), reserved.end(), key) != reserved.end();
}

bool is_environment_key(std::string_view key) {
    if (key.size() < 2 || !std::isalpha(static_cast<unsigned char>(key.front()))) return false;
    return std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

void check_environment(const json::object& environment, Violations& violations) {
    const auto* variables = environment.if_contains("Variables");
    if (!variables || !variables->is_object()) return;
    std::vector<std::string> reserved;
    for (const auto& variable : variables->as_object()) {
        const std::string_view key = variable.key();
        if (!is_environment_key(key))
            violations.add(
                fmt::format("{{{}={}}}", key, json::serialize(variable.value())), "environment.variables",
                "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
                "[a-zA-Z]([a-zA-Z0-9_])+]");
        if (!variable.value().is_string())
            throw ApiError(
                400, "SerializationException",
                fmt::format("{} can not be converted to a String", json::serialize(variable.value())));
        if (reserved_key(key)) reserved.emplace_back(key);
    }
    violations.check();
    if (!reserved.empty())
        invalid_parameter(fmt::format("Lambda was unable to configure your environment variables because the "
                                      "environment variables you have "
                                      "provided contains reserved keys that are currently not supported for "
                                      "modification. Reserved keys used "
                                      "in this request: {}",
                                      fmt::join(reserved, ", ")));
    const std::string measured = json::serialize(*variables);
    if (measured.size() > environment_limit)
        invalid_parameter("Lambda was unable to configure your environment variables because the environment "
                          "variables you have provided exceeded the 4KB limit. String measured: " +
                          measured);
}

void check_architectures(const json::object& body, Violations& violations) {
    const auto* list = body.if_contains("Architectures");
    if (!list || !list->is_array()) return;
    std::vector<std::string> names;
    for (const auto& name : list->as_array())
        names.push_back(name.is_string() ? std::string(name.as_string()) : json::serialize(name));
    const std::string shown = fmt::format("[{}]", fmt::join(names, ", "));
    if (names.size() > 1)
        violations.add(shown, "architectures", "Member must have length less than or equal to 1");
    if (std::any_of(names.begin(), names.end(), [](const auto& n) { return n != "x86_64" && n != "arm64"; }))
        violations.add(
            shown, "architectures",
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member "
            "must not be null]");
}

void check_members(const json::object& body, bool create) {
    Violations violations;
    const std::string role = text_member(body, "Role");
    if (create && role.empty()) violations.add("null", "role", "Member must not be null");
    if (!role.empty())
        violations.pattern(role, "role", R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)",
                           R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)");
    const std::string handler = text_member(body, "Handler");
    if (handler.size() > 128)
        violations.add(handler, "handler", "Member must have length less than or equal to 128");
    if (handler.find_first_of(" \t\r\n") != std::string::npos)
        violations.add(handler, "handler", R"(Member must satisfy regular expression pattern: [^\s]+)");
    range(violations, integer_member(body, "Timeout"), "timeout", 1, 900);
    range(violations, integer_member(body, "MemorySize"), "memorySize", 128, 10240);
    if (const auto* storage = body.if_contains("EphemeralStorage"); storage && storage->is_object())
        range(violations, integer_member(storage->as_object(), "Size"), "ephemeralStorage.size", 512, 10240);
    if (text_member(body, "Description").size() > 256)
        violations.add(text_member(body, "Description"), "description",
                       "Member must have length less than or equal to 256");
    check_architectures(body, violations);
    if (const auto* environment = body.if_contains("Environment"); environment && environment->is_object())
        check_environment(environment->as_object(), violations);
    violations.check();
}

} // namespace

void check_tags(const json::object& tags) {
    if (tags.size() > 50) invalid_parameter("Number of tags exceeds resource tag limit.");
    for (const auto& tag : tags)
        if (!tag.value().is_string())
            throw ApiError(400, "SerializationException",
                           fmt::format("{} can not be converted to a String", json::serialize(tag.value())));
}

void apply_configuration(const json::object& body, json::object& configuration, bool create) {
    check_members(body, create);
    const std::string runtime = text_member(body, "Runtime");
    if (!runtime.empty() && std::find(runtimes.begin(), runtimes.end(), runtime) == runtimes.end())
        invalid_parameter(
            fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
                        "value set: [{}] or be a valid ARN",
                        runtime, fmt::join(runtimes, ", ")));
    if (create && (runtime.empty() || text_member(body, "Handler").empty()))
        invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages.");
    if (!runtime.empty() && !runtime.starts_with("python"))
        invalid_parameter("The local cloud runs Python functions only, not " + runtime);
    if (text_member(body, "PackageType") == "Image")
        invalid_parameter("The local cloud runs zip packages only, no container images");
    if (const auto* layers = body.if_contains("Layers");
        layers && layers->is_array() && !layers->as_array().empty())
        invalid_parameter("The local cloud has no layers");
    if (create)
        configuration = {{"Architectures", json::array{"x86_64"}},
                         {"Description", ""},
                         {"EphemeralStorage", {{"Size", 512}}},
                         {"MemorySize", 128},
                         {"PackageType", "Zip"},
                         {"Timeout", 3},
                         {"TracingConfig", {{"Mode", "PassThrough"}}}};
    for (const std::string_view name : {"Role", "Handler", "Runtime", "Description", "Timeout", "MemorySize",
                                        "Environment", "EphemeralStorage", "TracingConfig", "Architectures"})
        if (const auto* value = body.if_contains(name); value && !value->is_null())
            configuration[name] = *value;
    if (configuration.contains("Environment") &&
        !configuration["Environment"].as_object().contains("Variables"))
        configuration["Environment"].as_object()["Variables"] = json::object();
    if (const auto* logging = body.if_contains("LoggingConfig"); logging && logging->is_object()) {
        if (text_member(logging->as_object(), "LogFormat") == "JSON")
            invalid_parameter("The local cloud writes logs as text only");
        if (const auto group = text_member(logging->as_object(), "LogGroup"); !group.empty())
            configuration["LogGroup"] = group;
    }
}

} // namespace pyfops::aws_emulator
