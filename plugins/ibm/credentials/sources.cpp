// SPDX-License-Identifier: Apache-2.0
#include "credentials/sources.hpp"

#include "catalog.hpp"
#include "credentials/properties.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/sdk/endpoint.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <optional>

namespace pyfops::ibm {
namespace {

constexpr std::string_view prefix = "CODE_ENGINE_";
constexpr const char* default_iam = "https://iam.cloud.ibm.com";

/// The properties of our service, by their name without the prefix.
Properties of_service(const Properties& all) {
    Properties own;
    for (const auto& [name, value] : all)
        if (name.starts_with(prefix) && !value.empty()) own[name.substr(prefix.size())] = value;
    return own;
}

std::string variable_name(std::string_view text) {
    std::string name(text);
    for (char& c : name)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return name;
}

struct Source {
    std::string name;
    Properties properties;
};

std::optional<Source> from_file(const System& system) {
    std::vector<std::pair<std::string, std::filesystem::path>> places;
    if (const auto named = sdk::variable(system, "IBM_CREDENTIALS_FILE")) {
        places.emplace_back("IBM_CREDENTIALS_FILE", *named);
        places.emplace_back("IBM_CREDENTIALS_FILE", std::filesystem::path(*named) / "ibm-credentials.env");
    }
    places.emplace_back("./ibm-credentials.env", "ibm-credentials.env");
    places.emplace_back("~/ibm-credentials.env", system.home() / "ibm-credentials.env");
    for (const auto& [name, path] : places) {
        std::optional<std::string> text;
        try {
            text = system.read_file(path);
        } catch (const Error&) { // a directory; what lies in it comes next
        }
        if (!text) continue;
        Properties own = of_service(parse_properties(*text));
        if (!own.empty()) return Source{name, std::move(own)};
    }
    return std::nullopt;
}

std::optional<Source> from_environment(const System& system) {
    Properties own = of_service(system.variables());
    if (!own.empty()) return Source{"environment", std::move(own)};
    // Of IBM's command line; the SDKs do not read it.
    if (const auto key = sdk::variable(system, "IBMCLOUD_API_KEY"))
        return Source{"IBMCLOUD_API_KEY", {{"APIKEY", *key}}};
    return std::nullopt;
}

/// {"code_engine": [{"name", "credentials": {"apikey", "url", ...}}]}
std::optional<Source> from_vcap(const System& system) {
    const auto text = system.variable("VCAP_SERVICES");
    if (!text || text->empty()) return std::nullopt;
    const json::value services = parse_json(*text, "VCAP_SERVICES");
    if (!services.is_object()) return std::nullopt;
    for (const auto& service : services.as_object()) {
        const auto* instances = service.value().if_array();
        if (!instances) continue;
        for (const json::value& one : *instances) {
            const bool ours = service.key() == "code_engine" || string_or(one, "name") == "code_engine";
            const json::value* credentials = find(one, "credentials");
            if (!ours || !credentials || !credentials->is_object()) continue;
            Properties own;
            for (const auto& member : credentials->as_object())
                if (const auto* value = member.value().if_string())
                    own[variable_name(member.key())] = std::string(*value);
            return Source{"VCAP_SERVICES", std::move(own)};
        }
    }
    return std::nullopt;
}

std::string value_of(const Properties& properties, const std::string& name) {
    const auto found = properties.find(name);
    return found == properties.end() ? std::string() : found->second;
}

std::string without_token_path(std::string url) {
    constexpr std::string_view path = "/identity/token";
    while (url.ends_with('/'))
        url.pop_back();
    if (url.ends_with(path)) url.resize(url.size() - path.size());
    return url;
}

ServiceConfig read_config(const Source& source) {
    const Properties& properties = source.properties;
    ServiceConfig config;
    config.source = source.name;
    config.api_key = Secret(value_of(properties, "APIKEY"));
    config.bearer_token = Secret(value_of(properties, "BEARER_TOKEN"));
    config.url = value_of(properties, "URL");
    config.auth_url = without_token_path(value_of(properties, "AUTH_URL"));
    if (config.auth_url.empty()) config.auth_url = default_iam;
    config.client_id = value_of(properties, "CLIENT_ID");
    config.client_secret = Secret(value_of(properties, "CLIENT_SECRET"));
    config.scope = value_of(properties, "SCOPE");
    const std::string type = lower_case(value_of(properties, "AUTH_TYPE"));
    if (type == "noauth") {
        config.auth = ServiceConfig::Auth::none;
    } else if (type == "bearertoken") {
        config.auth = ServiceConfig::Auth::bearer_token;
    } else if (!type.empty() && type != "iam") {
        throw Error(ErrorKind::unauthenticated,
                    "pyfOps cannot authenticate by '" + type + "' (" + source.name + ")")
            .hint(
                "use an API key: set CODE_ENGINE_APIKEY, or CODE_ENGINE_AUTH_TYPE=bearerToken with a token");
    }
    const Secret& needed =
        config.auth == ServiceConfig::Auth::bearer_token ? config.bearer_token : config.api_key;
    if (config.auth != ServiceConfig::Auth::none && needed.empty())
        throw Error(ErrorKind::unauthenticated, source.name + " speaks of Code Engine but holds no key")
            .hint("add CODE_ENGINE_APIKEY to it: it is the only source that is read");
    return config;
}

} // namespace

std::vector<std::string> credential_sources() {
    return {"IBM_CREDENTIALS_FILE (a file, or a directory with ibm-credentials.env)",
            "./ibm-credentials.env",
            "~/ibm-credentials.env",
            "environment: CODE_ENGINE_APIKEY (also CODE_ENGINE_AUTH_TYPE, _URL, _AUTH_URL, _BEARER_TOKEN)",
            "environment: IBMCLOUD_API_KEY",
            "VCAP_SERVICES",
            "for OpenWhisk: __OW_API_KEY and __OW_API_HOST, then WSK_CONFIG_FILE or ~/.wskprops"};
}

ServiceConfig find_service_config(const System& system) {
    for (const auto look : {from_file, from_environment, from_vcap})
        if (const std::optional<Source> source = look(system)) return read_config(*source);
    std::string tried;
    for (const std::string& one : credential_sources())
        if (!one.starts_with("for OpenWhisk")) tried += (tried.empty() ? "" : "; ") + one;
    throw Error(ErrorKind::unauthenticated, "no credentials for IBM Cloud were found; tried: " + tried)
        .hint("export CODE_ENGINE_APIKEY with an API key of IBM Cloud, or use --local");
}

WhiskConfig find_whisk_config(const System& system, const std::string& host) {
    WhiskConfig config;
    const auto own_key = system.variable("__OW_API_KEY");
    const auto own_host = system.variable("__OW_API_HOST");
    std::filesystem::path file = system.home() / ".wskprops";
    if (const auto named = sdk::variable(system, "WSK_CONFIG_FILE")) file = *named;
    if (own_key && !own_key->empty()) {
        config.source = "environment";
        config.key = Secret(*own_key);
        config.host = own_host.value_or("");
    } else if (const auto text = system.read_file(file)) {
        const Properties properties = parse_properties(*text);
        config.source = file.string();
        config.key = Secret(value_of(properties, "AUTH"));
        config.host = value_of(properties, "APIHOST");
        const std::string space = value_of(properties, "NAMESPACE");
        if (space != "_") config.name_space = space;
    }
    if (!host.empty() && config.source != "environment") config.host = host;
    if (config.host.empty()) config.host = host;
    if (config.key.empty())
        throw Error(ErrorKind::unauthenticated,
                    "no key for OpenWhisk was found; tried: __OW_API_KEY in the environment; AUTH in " +
                        file.string())
            .hint(
                "export __OW_API_KEY and __OW_API_HOST, or run 'wsk property set --auth KEY --apihost HOST'");
    if (config.key.expose().find(':') == std::string::npos)
        throw Error(ErrorKind::unauthenticated,
                    "the OpenWhisk key of " + config.source + " has not the form uuid:key")
            .hint("copy the whole key, both parts with the colon between them");
    if (config.host.empty())
        throw Error(ErrorKind::invalid_input, "no OpenWhisk host is named")
            .hint("set providers.ibm.host or __OW_API_HOST");
    return config;
}

} // namespace pyfops::ibm
