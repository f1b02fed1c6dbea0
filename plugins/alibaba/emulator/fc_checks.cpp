// SPDX-License-Identifier: Apache-2.0
// Limits as the widest of the documents has them: what one of them allows is not refused here.
#include "fc_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::array<std::string_view, 27> members{"cpu",
                                                   "customContainerConfig",
                                                   "customDNS",
                                                   "customRuntimeConfig",
                                                   "description",
                                                   "disableInjectCredentials",
                                                   "diskSize",
                                                   "disableOndemand",
                                                   "environmentVariables",
                                                   "gpuConfig",
                                                   "handler",
                                                   "idleTimeout",
                                                   "instanceConcurrency",
                                                   "instanceIsolationMode",
                                                   "instanceLifecycleConfig",
                                                   "internetAccess",
                                                   "logConfig",
                                                   "memorySize",
                                                   "nasConfig",
                                                   "ossMountConfig",
                                                   "resourceGroupId",
                                                   "role",
                                                   "runtime",
                                                   "sessionAffinity",
                                                   "timeout",
                                                   "tracingConfig",
                                                   "vpcConfig"};

constexpr std::array<std::string_view, 19> runtimes{
    "python3.12",      "python3.10",    "python3.9", "python3",         "nodejs12",        "nodejs14",
    "nodejs16",        "nodejs18",      "nodejs20",  "java8",           "java11",          "go1",
    "php7.2",          "dotnetcore3.1", "custom",    "custom.debian10", "custom.debian11", "custom.debian12",
    "custom-container"};

constexpr std::array<std::string_view, 4> reserved{"accessKeyID", "accessKeySecret", "securityToken",
                                                   "topic"};

template <std::size_t n>
bool one_of(std::string_view text, const std::array<std::string_view, n>& all) {
    return std::find(all.begin(), all.end(), text) != all.end();
}

void check_range(const json::object& config, std::string_view member, long long least, long long most) {
    const auto value = integer_or(config, member, least - 1);
    if (value < least || value > most)
        invalid_argument(fmt::format("{} should be between {} and {}", member, least, most));
}

/// vCPUs in hundredths, or -1 for what is no multiple of 0.05.
long long hundredths(const json::object& config) {
    const auto* cpu = config.if_contains("cpu");
    if (!cpu || !cpu->is_number()) return -1;
    const double scaled = cpu->to_number<double>() * 100;
    const double rounded = std::round(scaled / 5) * 5;
    return std::abs(scaled - rounded) < 1e-3 ? static_cast<long long>(rounded) : -1;
}

void check_size(const json::object& config) {
    check_range(config, "memorySize", 128, 32768);
    const auto memory = integer_or(config, "memorySize");
    if (memory % 64 != 0) invalid_argument("memorySize should be a multiple of 64");
    const auto cpu = hundredths(config);
    if (cpu < 5 || cpu > 1600) invalid_argument("cpu should be between 0.05 and 16 and a multiple of 0.05");
    // cpu : memory in GB from 1:1 to 1:4, without fractions: cpu * 1024 against MB * 100.
    if (cpu * 1024 > memory * 100 || cpu * 1024 * 4 < memory * 100)
        invalid_argument("the ratio of cpu to memorySize (in GB) should be between 1:1 and 1:4");
}

void check_environment(const json::object& config) {
    const auto* variables = config.if_contains("environmentVariables");
    if (!variables) return;
    if (!variables->is_object()) invalid_argument("environmentVariables should be an object");
    std::size_t bytes = 0;
    for (const auto& variable : variables->as_object()) {
        const std::string_view name = variable.key();
        if (!variable.value().is_string())
            invalid_argument(fmt::format("the environment variable '{}' should be a string", name));
        const bool letters = !name.empty() && std::isalpha(static_cast<unsigned char>(name.front())) &&
                             std::all_of(name.begin(), name.end(),
                                         [](unsigned char c) { return std::isalnum(c) || c == '_'; });
        if (!letters || name.starts_with("FC_") || one_of(name, reserved))
            invalid_argument(fmt::format("the environment variable name '{}' is not allowed", name));
        bytes += name.size() + variable.value().as_string().size();
    }
    if (bytes > 4096) invalid_argument("the environment variables are larger than 4096 bytes");
}

void check_texts(const json::object& config) {
    const std::string handler = string_or(config, "handler");
    if (handler.empty() || handler.size() > 128) invalid_argument("handler should have 1 to 128 characters");
    if (!one_of(string_or(config, "runtime"), runtimes))
        invalid_argument(fmt::format("runtime '{}' is not supported", string_or(config, "runtime")));
    if (string_or(config, "description").size() > 256)
        invalid_argument("description should have at most 256 characters");
}

} // namespace

void check_name(const std::string& name, std::string_view member) {
    const bool good = !name.empty() && name.size() <= 128 &&
                      !std::isdigit(static_cast<unsigned char>(name.front())) && name.front() != '-' &&
                      std::all_of(name.begin(), name.end(),
                                  [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
    if (!good)
        invalid_argument(
            fmt::format("{} '{}' should have 1 to 128 letters, digits, '_' and '-', and begin with "
                        "a letter or '_'",
                        member, name));
}

void apply_configuration(const json::object& body, json::object& config, bool create) {
    if (create) {
        config["memorySize"] = 512;
        config["cpu"] = 0.35;
        config["diskSize"] = 512;
        config["timeout"] = 3;
        config["instanceConcurrency"] = 1;
        config["internetAccess"] = true;
    }
    for (const std::string_view member : members)
        if (const auto* value = body.if_contains(member); value && !value->is_null()) config[member] = *value;
    check_texts(config);
    check_size(config);
    check_range(config, "timeout", 1, 86400);
    check_range(config, "instanceConcurrency", 1, 200);
    const auto disk = integer_or(config, "diskSize");
    if (disk != 512 && disk != 10240) invalid_argument("diskSize should be 512 or 10240");
    check_environment(config);
}

void add_tags(const json::value& tags, json::object& into) {
    if (!tags.is_array()) invalid_argument("tags should be a list");
    for (const auto& tag : tags.as_array()) {
        const std::string key = string_or(tag, "Key"), value = string_or(tag, "Value");
        if (key.empty() || key.size() > 128 || value.size() > 128 || key.starts_with("aliyun") ||
            key.starts_with("acs:") || key.find("http://") != std::string::npos ||
            key.find("https://") != std::string::npos)
            invalid_argument(fmt::format("the tag '{}' is not allowed", key));
        into[key] = value;
    }
    if (into.size() > 20) invalid_argument("a resource has at most 20 tags");
}

} // namespace pyfops::alibaba_emulator
