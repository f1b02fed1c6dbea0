// SPDX-License-Identifier: Apache-2.0
#include "checks.hpp"

#include "protocol.hpp"
#include "regions.hpp"

#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>
#include <set>

namespace pyfops::google_emulator {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;

// The writable members, as the discovery document names them.
const std::set<std::string, std::less<>> top_members{"description",   "labels",       "buildConfig",
                                                     "serviceConfig", "eventTrigger", "kmsKeyName"};
const std::set<std::string, std::less<>> build_members{"runtime",
                                                       "entryPoint",
                                                       "source",
                                                       "environmentVariables",
                                                       "workerPool",
                                                       "dockerRepository",
                                                       "sourceToken",
                                                       "serviceAccount",
                                                       "dockerRegistry",
                                                       "automaticUpdatePolicy",
                                                       "onDeployUpdatePolicy"};
const std::set<std::string, std::less<>> service_members{"availableMemory",
                                                         "availableCpu",
                                                         "timeoutSeconds",
                                                         "environmentVariables",
                                                         "maxInstanceCount",
                                                         "minInstanceCount",
                                                         "maxInstanceRequestConcurrency",
                                                         "vpcConnector",
                                                         "vpcConnectorEgressSettings",
                                                         "ingressSettings",
                                                         "serviceAccountEmail",
                                                         "allTrafficOnLatestRevision",
                                                         "secretEnvironmentVariables",
                                                         "secretVolumes",
                                                         "securityLevel",
                                                         "binaryAuthorizationPolicy",
                                                         "directVpcNetworkInterface",
                                                         "directVpcEgress"};
const std::set<std::string, std::less<>> output_only{
    "name", "environment",  "state",        "stateMessages", "updateTime", "createTime",
    "url",  "satisfiesPzs", "satisfiesPzi", "upgradeInfo",   "build",      "sourceProvenance",
    "uri",  "service",      "revision"};

const json::object& group(const json::object& resource, std::string_view name) {
    static const json::object none;
    const json::value* found = resource.if_contains(name);
    return found && found->is_object() ? found->as_object() : none;
}

void check_texts(const json::object& holder, std::string_view key, const std::string& where) {
    const json::value* values = holder.if_contains(key);
    if (!values) return;
    if (!values->is_object())
        invalid_argument(fmt::format("Invalid value at '{}' (an object is wanted)", where));
    for (const auto& member : values->as_object())
        if (!member.value().is_string())
            invalid_argument(fmt::format("Invalid value at '{}[{}]' (TYPE_STRING)", where, member.key()));
}

void check_environment(const json::object& config) {
    check_texts(config, "environmentVariables", "function.service_config.environment_variables");
    const json::object& variables = group(config, "environmentVariables");
    static const std::set<std::string, std::less<>> reserved{"FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE",
                                                             "K_SERVICE", "K_REVISION", "PORT"};
    std::size_t bytes = 0;
    for (const auto& variable : variables) {
        const std::string name(variable.key());
        bytes += name.size() + variable.value().as_string().size();
        if (name.empty() || name.find('=') != std::string::npos || reserved.contains(name) ||
            name.starts_with("X_GOOGLE_"))
            invalid_argument(fmt::format("environment_variables: '{}' is reserved or not allowed", name));
    }
    if (variables.size() > 1000) invalid_argument("environment_variables: at most 1000 are allowed");
    if (bytes > 32768) invalid_argument("environment_variables: the total size may be 32 KiB");
}

void check_labels(const json::object& resource) {
    check_texts(resource, "labels", "function.labels");
    static const std::regex key("[a-z][a-z0-9_-]{0,62}"), value("[a-z0-9_-]{0,63}");
    const json::object& labels = group(resource, "labels");
    if (labels.size() > 64) invalid_argument("At most 64 labels are allowed");
    for (const auto& one : labels) {
        const std::string name(one.key()), text(one.value().as_string());
        if (!std::regex_match(name, key) || !std::regex_match(text, value))
            invalid_argument(
                fmt::format("Label '{}: {}' is not allowed: keys and values have at most 63 lower-case "
                            "letters, digits, underscores and dashes",
                            name, text));
    }
}

long long number(const json::object& config, std::string_view key, long long otherwise, long long least,
                 long long most) {
    const json::value* value = config.if_contains(key);
    if (!value) return otherwise;
    if (!value->is_int64() && !value->is_uint64())
        invalid_argument(fmt::format("Invalid value at 'function.service_config.{}' (TYPE_INT32)", key));
    const auto found = value->to_number<long long>();
    if (found < least || found > most)
        invalid_argument(
            fmt::format("Invalid value for {}: {} (from {} to {} is allowed)", key, found, least, most));
    return found;
}

void check_size(const json::object& config) {
    const std::string memory = string_or(config, "availableMemory", "256M");
    const auto bytes = quantity(memory);
    if (!bytes || *bytes < 128'000'000 || *bytes > 32'768 * mebibyte)
        invalid_argument(
            fmt::format("Invalid value for availableMemory: '{}': from 128Mi to 32Gi is allowed", memory));
    const std::string cpu_text = string_or(config, "availableCpu");
    if (cpu_text.empty()) return;
    double cpu = 0;
    const auto [end, failure] = std::from_chars(cpu_text.data(), cpu_text.data() + cpu_text.size(), cpu);
    if (failure != std::errc() || end != cpu_text.data() + cpu_text.size() || cpu < 0.08 || cpu > 8)
        invalid_argument(fmt::format("Invalid value for availableCpu: '{}'", cpu_text));
    // Cloud Run, "CPU limits": what a size needs at least.
    const auto mebibytes = *bytes / mebibyte;
    const double least = mebibytes > 24'576   ? 8
                         : mebibytes > 16'384 ? 6
                         : mebibytes > 8'192  ? 4
                         : mebibytes > 4'096  ? 2
                         : mebibytes > 1'024  ? 1
                         : mebibytes > 512    ? 0.5
                                              : 0.08;
    if (cpu + 0.001 < least)
        invalid_argument(
            fmt::format("Invalid value for availableCpu: {} of memory need at least {} CPU", memory, least));
    if (number(config, "maxInstanceRequestConcurrency", 1, 1, 1000) > 1 && cpu < 1)
        invalid_argument("Total cpu < 1 is not supported with concurrency > 1.");
}

void refuse_unknown(const json::object& members, const std::set<std::string, std::less<>>& known,
                    const std::string& where) {
    for (const auto& member : members)
        if (!known.contains(std::string_view(member.key())) &&
            !output_only.contains(std::string_view(member.key())))
            invalid_argument(
                fmt::format("Invalid JSON payload received. Unknown name \"{}\" at '{}': Cannot find field.",
                            std::string_view(member.key()), where));
}

void keep(json::object& from, const std::set<std::string, std::less<>>& known) {
    json::object kept;
    for (const auto& member : from)
        if (known.contains(std::string_view(member.key()))) kept[member.key()] = member.value();
    from = std::move(kept);
}

} // namespace

std::optional<std::int64_t> quantity(const std::string& text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc() || !(value >= 0)) return std::nullopt;
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const double factor = unit.empty()   ? 1
                          : unit == "k"  ? 1e3
                          : unit == "M"  ? 1e6
                          : unit == "G"  ? 1e9
                          : unit == "Mi" ? 1048576.0
                          : unit == "Gi" ? 1073741824.0
                                         : -1;
    if (factor < 0) return std::nullopt;
    return std::llround(value * factor);
}

int memory_mb(const json::object& resource) {
    const auto bytes = quantity(string_or(group(resource, "serviceConfig"), "availableMemory", "256M"));
    return static_cast<int>(std::llround(static_cast<double>(bytes.value_or(256 * mebibyte)) / mebibyte));
}

void check_location(const std::string& location) {
    if (std::find(regions.begin(), regions.end(), location) == regions.end()) {
        ApiError error(403, "PERMISSION_DENIED",
                       fmt::format("Permission denied on 'locations/{}' (or it may not exist).", location));
        error.details.push_back(error_info("LOCATION_ACCESS_DENIED", "cloudfunctions.googleapis.com"));
        throw error;
    }
}

void check_function_id(const std::string& id) {
    static const std::regex allowed("[a-z][a-z0-9-]{2,61}[a-z0-9]");
    if (!std::regex_match(id, allowed))
        invalid_argument(
            fmt::format("Invalid function id '{}': 4 to 63 characters of [a-z0-9-], beginning with a "
                        "letter and not ending in a hyphen",
                        id));
}

json::object writable(const json::object& body) {
    refuse_unknown(body, top_members, "function");
    json::object resource = body;
    keep(resource, top_members);
    for (const auto& [name, known] :
         {std::pair<const char*, const std::set<std::string, std::less<>>&>{"buildConfig", build_members},
          {"serviceConfig", service_members}})
        if (json::value* inner = resource.if_contains(name)) {
            if (!inner->is_object()) invalid_argument(fmt::format("Invalid value at 'function.{}'", name));
            refuse_unknown(inner->as_object(), known, fmt::format("function.{}", name));
            keep(inner->as_object(), known);
        }
    return resource;
}

void apply_mask(json::object& resource, const json::object& body, const std::string& mask) {
    for (const std::string_view path : split(mask, ',')) {
        const auto dot = path.find('.');
        const std::string_view top = path.substr(0, dot);
        if (!top_members.contains(top))
            invalid_argument(fmt::format("Invalid value at 'update_mask': unknown path '{}'", path));
        if (dot == std::string_view::npos) {
            resource.erase(top);
            if (const json::value* value = body.if_contains(top)) resource[top] = *value;
            continue;
        }
        const std::string_view member = path.substr(dot + 1);
        const auto& known = top == "buildConfig" ? build_members : service_members;
        if ((top != "buildConfig" && top != "serviceConfig") || !known.contains(member))
            invalid_argument(fmt::format("Invalid value at 'update_mask': unknown path '{}'", path));
        json::value& inner = resource[top];
        if (!inner.is_object()) inner = json::object();
        inner.as_object().erase(member);
        if (const json::value* value = find(group(body, top), member)) inner.as_object()[member] = *value;
    }
}

void check_resource(const json::object& resource) {
    check_labels(resource);
    const json::object& build = group(resource, "buildConfig");
    const std::string runtime = string_or(build, "runtime");
    if (std::none_of(runtimes.begin(), runtimes.end(),
                     [&](const Runtime& one) { return one.name == runtime; }))
        invalid_argument(
            fmt::format("Invalid value for runtime: '{}' is not offered here (the local cloud has "
                        "Python only)",
                        runtime));
    check_texts(build, "environmentVariables", "function.build_config.environment_variables");
    if (group(build, "environmentVariables").size() > 100)
        invalid_argument("build_config.environment_variables: at most 100 are allowed");
    if (resource.contains("eventTrigger")) invalid_argument("The local cloud has no event triggers");
    const json::object& config = group(resource, "serviceConfig");
    check_environment(config);
    number(config, "timeoutSeconds", 60, 1, 3600);
    number(config, "maxInstanceCount", 100, 1, 1000);
    number(config, "minInstanceCount", 0, 0, 1000);
    check_size(config);
}

void apply_defaults(json::object& resource) {
    json::value& inner = resource["serviceConfig"];
    if (!inner.is_object()) inner = json::object();
    json::object& config = inner.as_object();
    const auto otherwise = [&config](std::string_view key, json::value value) {
        if (!config.contains(key)) config[key] = std::move(value);
    };
    otherwise("availableMemory", "256M");
    const int memory = memory_mb(resource);
    otherwise("availableCpu", memory <= 128     ? "0.0833"
                              : memory <= 256   ? "0.1666"
                              : memory <= 512   ? "0.3333"
                              : memory <= 1024  ? "0.5833"
                              : memory <= 2048  ? "1"
                              : memory <= 8192  ? "2"
                              : memory <= 16384 ? "4"
                                                : "8");
    otherwise("timeoutSeconds", 60);
    otherwise("maxInstanceCount", 100);
    otherwise("maxInstanceRequestConcurrency", 1);
    otherwise("ingressSettings", "ALLOW_ALL");
    otherwise("allTrafficOnLatestRevision", true);
    otherwise("serviceAccountEmail", "000000000000-compute@developer.gserviceaccount.com");
}

} // namespace pyfops::google_emulator
