// SPDX-License-Identifier: Apache-2.0
#include "function_checks.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iterator>
#include <regex>

namespace pyfops::ibm_emulator {
namespace {

/// Source text in a request, base64 included.
constexpr std::size_t most_inline = 100u * 1024;

[[noreturn]] void invalid(const std::string& member, const std::string& why) {
    throw ApiError(400, "bad_request", "Field '" + member + "' is not valid: " + why);
}

enum class Type { text, number, boolean, list };
constexpr std::pair<const char*, Type> members[]{{"code_reference", Type::text},
                                                 {"code_main", Type::text},
                                                 {"code_binary", Type::boolean},
                                                 {"code_secret", Type::text},
                                                 {"managed_domain_mappings", Type::text},
                                                 {"run_env_variables", Type::list},
                                                 {"run_compute_resource_token_enabled", Type::boolean},
                                                 {"runtime", Type::text},
                                                 {"scale_concurrency", Type::number},
                                                 {"scale_cpu_limit", Type::text},
                                                 {"scale_down_delay", Type::number},
                                                 {"scale_max_execution_time", Type::number},
                                                 {"scale_memory_limit", Type::text}};

bool has_type(const json::value& value, Type type) {
    switch (type) {
    case Type::text:
        return value.is_string();
    case Type::number:
        return value.is_int64() || value.is_uint64();
    case Type::boolean:
        return value.is_bool();
    case Type::list:
        return value.is_array();
    }
    return false;
}

void in_range(const json::object& configuration, const char* member, long long least, long long most) {
    const long long value = integer_or(configuration, member);
    if (value < least || value > most)
        invalid(member, "between " + std::to_string(least) + " and " + std::to_string(most) + " is possible");
}

void check_variables(const json::array& variables) {
    for (const json::value& one : variables) {
        const std::string type = string_or(one, "type", "literal");
        const bool name = !string_or(one, "name").empty(), reference = !string_or(one, "reference").empty();
        if (type == "literal") {
            const json::value* value = find(one, "value");
            if (!name || !value || !value->is_string())
                invalid("run_env_variables", "a literal has a name and a value");
        } else if (type == "secret_key_reference" || type == "config_map_key_reference") {
            if (!name || !reference || string_or(one, "key").empty())
                invalid("run_env_variables", "a key reference has a name, a reference and a key");
        } else if (type == "secret_full_reference" || type == "config_map_full_reference") {
            if (!reference) invalid("run_env_variables", "a full reference has a reference");
        } else {
            invalid("run_env_variables", "there is no type '" + type + "'");
        }
    }
}

void check_code(const json::object& configuration) {
    const std::string reference = string_or(configuration, "code_reference");
    if (reference.empty()) invalid("code_reference", "it is required");
    if (reference.starts_with("data:")) {
        if (reference.size() > most_inline + 64)
            invalid("code_reference", "inline code is limited to 100 KB");
        decode_data_url(reference);
    } else {
        static const std::regex image(
            R"(([a-z0-9][a-z0-9\-_.]+[a-z0-9]/)?([a-z0-9][a-z0-9\-_]+[a-z0-9]/)?[a-z0-9][a-z0-9\-_./]+[a-z0-9](:\w[\w.\-]{0,127})?(@sha256:[a-fA-F0-9]{64})?)");
        if (!std::regex_match(reference, image)) invalid("code_reference", "neither a data URL nor an image");
    }
    static const std::regex name(R"([a-zA-Z_][a-zA-Z0-9_]{0,62})");
    if (!std::regex_match(string_or(configuration, "code_main"), name))
        invalid("code_main", "not a name of a function");
}

} // namespace

json::object function_defaults() {
    return {{"code_main", "main"},
            {"code_binary", false},
            {"managed_domain_mappings", "local_public"},
            {"run_env_variables", json::array()},
            {"run_compute_resource_token_enabled", false},
            {"scale_concurrency", 1},
            {"scale_cpu_limit", "1"},
            {"scale_down_delay", 1},
            {"scale_max_execution_time", 60},
            {"scale_memory_limit", "4G"}};
}

json::object merge_function(json::object configuration, const json::object& body) {
    const json::object defaults = function_defaults();
    for (const auto& member : body) {
        const std::string key(member.key());
        if (key == "name") continue;
        const auto known = std::find_if(std::begin(members), std::end(members),
                                        [&](const auto& one) { return key == one.first; });
        if (known == std::end(members)) invalid(key, "there is no such field");
        if (member.value().is_null()) {
            configuration.erase(key);
            if (const json::value* value = defaults.if_contains(key)) configuration[key] = *value;
            continue;
        }
        if (!has_type(member.value(), known->second)) invalid(key, "it has the wrong type");
        configuration[key] = member.value();
    }
    return configuration;
}

void check_function(const json::object& configuration) {
    check_code(configuration);
    const std::string runtime = string_or(configuration, "runtime");
    if (runtime != "python-3.13" && runtime != "python-3.11")
        invalid("runtime", "'" + runtime + "' is not offered (the local cloud runs Python only)");
    const std::string pair =
        string_or(configuration, "scale_cpu_limit") + "/" + string_or(configuration, "scale_memory_limit");
    if (pair != "0.25/1G" && pair != "0.5/2G" && pair != "1/4G")
        invalid("scale_memory_limit", "the combination " + pair + " of CPU and memory is not supported");
    in_range(configuration, "scale_max_execution_time", 1, 120);
    in_range(configuration, "scale_down_delay", 0, 600);
    in_range(configuration, "scale_concurrency", 1, 1); // more is for Node.js
    const std::string mappings = string_or(configuration, "managed_domain_mappings");
    if (mappings != "local" && mappings != "local_private" && mappings != "local_public")
        invalid("managed_domain_mappings", "'" + mappings + "' is none of its values");
    check_variables(configuration.at("run_env_variables").as_array());
}

std::string decode_data_url(const std::string& reference) {
    static const std::regex form(R"(data:([-\w]+/[-+\w.]+)?(;?\w+=[-\w]+)*;base64,)");
    const auto comma = reference.find(',');
    if (comma == std::string::npos || !std::regex_match(reference.substr(0, comma + 1), form))
        invalid("code_reference", "not a data URL with base64");
    try {
        return base64_decode(std::string_view(reference).substr(comma + 1));
    } catch (const Error&) {
        invalid("code_reference", "its base64 cannot be read");
    }
}

} // namespace pyfops::ibm_emulator
