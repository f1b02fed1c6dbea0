// SPDX-License-Identifier: Apache-2.0
#include "authority.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/jwt.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace pyfops::azure_emulator {
namespace {

constexpr std::int64_t token_seconds = 3600;
constexpr const char* assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr const char* exchange_audience = "api://AzureADTokenExchange";

/// Audiences are addresses: a slash at the end does not make another one.
std::string plain(std::string text) {
    while (text.ends_with('/'))
        text.pop_back();
    return lower_case(text);
}

bool is_audience(std::string_view audience, const std::string& claimed) {
    const std::string text = plain(claimed);
    if (text == plain(std::string(audience))) return true;
    return audience == "https://management.azure.com" &&
           (text == "https://management.core.windows.net" || text == "https://" + std::string(manager_host));
}

/// The next element of DER: its content; `from` moves behind it.
std::string_view der(std::string_view& from) {
    std::size_t length = static_cast<unsigned char>(from.at(1)), head = 2;
    if (length & 0x80u) {
        const std::size_t bytes = length & 0x7fu;
        length = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            length = length << 8u | static_cast<unsigned char>(from.at(head++));
    }
    const std::string_view content = from.substr(head, length);
    from.remove_prefix(head + length);
    return content;
}

struct Rsa {
    std::string_view modulus, exponent;
};

/// SubjectPublicKeyInfo: {{algorithm}, bits of {modulus, exponent}}.
Rsa take_apart(std::string_view info) {
    std::string_view outer = der(info);
    der(outer);
    std::string_view bits = der(outer);
    bits.remove_prefix(1); // unused bits: none
    std::string_view key = der(bits);
    Rsa rsa{der(key), {}};
    rsa.exponent = der(key);
    if (rsa.modulus.starts_with('\0')) rsa.modulus.remove_prefix(1);
    return rsa;
}

std::string pem_body(const std::string& pem) {
    std::string text;
    for (const std::string_view line : split(pem, '\n'))
        if (!line.starts_with("-----")) text += trimmed(line);
    return base64_decode(text);
}

[[noreturn]] void refuse_token(const char* code, const std::string& message) {
    throw ApiError(401, code, message);
}

} // namespace

Authority::Authority(World& world) : world_(world), issuer_(world) {
    issuer_.write_token("azure-token", exchange_audience);
}

json::object Authority::meta() {
    if (auto known = world_.state().get("azure/entra", "tenant")) return *known;
    const RsaKeyPair pair = make_rsa_key_pair();
    json::object made{{"kid", hex(random_bytes(10))},
                      {"private", pair.private_pem.expose()},
                      {"public", pair.public_pem},
                      {"secret", base64url(random_bytes(30))}};
    world_.state().put("azure/entra", "tenant", made);
    return made;
}

Authority::Keys Authority::keys() {
    const json::object all = meta();
    return {string_or(all, "kid"), string_or(all, "public"), Secret(string_or(all, "private"))};
}

Secret Authority::client_secret() {
    return Secret(string_or(meta(), "secret"));
}

void Authority::check_proof(const QueryFields& form) {
    const auto secret = query_field(form, "client_secret");
    if (secret) {
        if (!equal_secret(*secret, client_secret().expose()))
            throw ApiError(
                401, "invalid_client",
                "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request "
                "is the client secret value, not the client secret ID, for a secret added to app.");
        return;
    }
    const auto assertion = query_field(form, "client_assertion");
    if (!assertion || query_field(form, "client_assertion_type") != assertion_type)
        throw ApiError(
            401, "invalid_client",
            "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.");
    std::optional<json::object> claims;
    try {
        claims = issuer_.claims(*assertion);
    } catch (const Error&) {
        throw ApiError(401, "invalid_client", "AADSTS50027: JWT token is invalid or malformed.");
    }
    if (!claims)
        throw ApiError(401, "invalid_client",
                       "AADSTS700027: The certificate with identifier used to sign the client assertion is "
                       "not registered on application.");
    if (string_or(*claims, "aud") != exchange_audience || string_or(*claims, "sub").empty())
        throw ApiError(401, "invalid_client",
                       "AADSTS700212: No matching federated identity record found for presented "
                       "assertion audience.");
    if (integer_or(*claims, "exp") * 1000 <= world_.now_ms())
        throw ApiError(401, "invalid_client",
                       "AADSTS700024: Client assertion is not within its valid time range.");
}

ServerResponse Authority::token(const Call& call) {
    const QueryFields form = parse_query(call.body, true);
    const std::string& tenant = call.label("tenant");
    if (tenant != tenant_id)
        throw ApiError(400, "invalid_request",
                       "AADSTS90002: Tenant '" + tenant +
                           "' not found. Check to make sure you have the correct tenant ID.");
    if (query_field(form, "grant_type") != "client_credentials")
        throw ApiError(400, "unsupported_grant_type",
                       "AADSTS70003: The app requested an unsupported grant type.");
    const std::string client = query_field(form, "client_id").value_or("");
    if (client != client_id)
        throw ApiError(400, "unauthorized_client",
                       "AADSTS700016: Application with identifier '" + client +
                           "' was not found in the directory.");
    check_proof(form);
    std::string scope = query_field(form, "scope").value_or("");
    constexpr std::string_view suffix = "/.default";
    if (!scope.ends_with(suffix))
        throw ApiError(
            400, "invalid_scope",
            "AADSTS1002012: The provided value for scope is not valid. Client credential flows must have a "
            "scope value with /.default suffixed to the resource identifier.");
    scope.resize(scope.size() - suffix.size());
    const std::int64_t now = world_.now_ms() / 1000;
    const Keys keys = this->keys();
    const json::object header{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", keys.id}};
    const json::object claims{{"aud", scope},
                              {"iss", "https://sts.windows.net/" + std::string(tenant_id) + "/"},
                              {"iat", now},
                              {"nbf", now},
                              {"exp", now + token_seconds},
                              {"appid", client_id},
                              {"oid", client_id},
                              {"tid", tenant_id},
                              {"ver", "1.0"}};
    const std::string text = sdk::encode_jwt(header, claims, [&keys](std::string_view signed_text) {
        return rsa_sha256_sign(keys.private_pem, signed_text);
    });
    return json_response(200, json::object{{"token_type", "Bearer"},
                                           {"expires_in", token_seconds - 1},
                                           {"ext_expires_in", token_seconds - 1},
                                           {"access_token", text}});
}

void Authority::require(const Call& call, std::string_view audience) {
    const std::string text = bearer_token(call.headers);
    if (text.empty())
        refuse_token("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
    sdk::Jwt jwt;
    try {
        jwt = sdk::decode_jwt(text);
    } catch (const Error&) {
        refuse_token("InvalidAuthenticationToken", "The access token is invalid.");
    }
    const Keys keys = this->keys();
    if (string_or(jwt.header, "alg") != "RS256" ||
        !rsa_sha256_verify(keys.public_pem, jwt.signed_text, jwt.signature))
        refuse_token("InvalidAuthenticationToken",
                     "The access token is invalid: its signature does not fit.");
    if (integer_or(jwt.claims, "exp") * 1000 <= world_.now_ms())
        refuse_token("ExpiredAuthenticationToken",
                     "The access token expiry UTC time is earlier than current UTC time.");
    if (!is_audience(audience, string_or(jwt.claims, "aud")))
        refuse_token("InvalidAuthenticationTokenAudience",
                     "The access token has been obtained for wrong audience or resource '" +
                         string_or(jwt.claims, "aud") + "'.");
}

ServerResponse Authority::configuration(const Call& call) const {
    // The issuer must be under the address that was asked, or clients refuse it.
    const std::string root = call.base + "/" + tenant_id;
    return json_response(200,
                         json::object{{"issuer", root + "/v2.0"},
                                      {"authorization_endpoint", root + "/oauth2/v2.0/authorize"},
                                      {"token_endpoint", root + "/oauth2/v2.0/token"},
                                      {"device_authorization_endpoint", root + "/oauth2/v2.0/devicecode"},
                                      {"jwks_uri", root + "/discovery/v2.0/keys"},
                                      {"response_types_supported", {"code", "id_token"}},
                                      {"subject_types_supported", {"pairwise"}},
                                      {"id_token_signing_alg_values_supported", {"RS256"}}});
}

ServerResponse Authority::instance(const Call& call) const {
    const std::string address = call.base.substr(call.base.find("://") + 3);
    const std::string host = address.substr(0, address.find('/'));
    const json::object metadata{{"preferred_network", host}, {"preferred_cache", host}, {"aliases", {host}}};
    return json_response(
        200, json::object{{"tenant_discovery_endpoint",
                           call.base + "/" + tenant_id + "/v2.0/.well-known/openid-configuration"},
                          {"api-version", "1.1"},
                          {"metadata", json::array{metadata}}});
}

ServerResponse Authority::published_keys() {
    const Keys keys = this->keys();
    const std::string info = pem_body(keys.public_pem);
    const Rsa rsa = take_apart(info);
    const json::object key{{"kty", "RSA"},
                           {"use", "sig"},
                           {"alg", "RS256"},
                           {"kid", keys.id},
                           {"n", base64url(rsa.modulus)},
                           {"e", base64url(rsa.exponent)}};
    return json_response(200, json::object{{"keys", json::array{key}}});
}

ServerResponse Authority::handle(const Call& call) {
    if (call.operation == "entra:GetToken") return token(call);
    if (call.operation == "entra:GetConfiguration") return configuration(call);
    if (call.operation == "entra:GetInstance") return instance(call);
    if (call.operation == "entra:GetKeys") return published_keys();
    throw ApiError(404, "not_found", "There is no such address.");
}

} // namespace pyfops::azure_emulator
