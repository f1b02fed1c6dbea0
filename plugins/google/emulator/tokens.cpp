// SPDX-License-Identifier: Apache-2.0
#include "tokens.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/jwt.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops::google_emulator {
namespace {

constexpr std::string_view cloud_scope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view token_prefix = "ya29.local.";
constexpr std::int64_t skew = 300;

[[noreturn]] void invalid_grant(const std::string& message) {
    throw ApiError(400, "invalid_grant", message);
}

[[noreturn]] void unauthenticated(std::string_view reason, const std::string& service) {
    ApiError error(
        401, "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
        "or other valid authentication credential.");
    error.details.push_back(error_info(reason, service + ".googleapis.com"));
    throw error;
}

std::string field(const QueryFields& fields, std::string_view name) {
    return query_field(fields, name).value_or("");
}

bool has_scope(const std::string& scopes, std::string_view wanted) {
    const std::string padded = " " + scopes + " ";
    return padded.find(" " + std::string(wanted) + " ") != std::string::npos;
}

/// google-auth asks for less than everything when it goes on to become another account.
bool is_usable_scope(const std::string& scopes) {
    return has_scope(scopes, cloud_scope) || has_scope(scopes, "https://www.googleapis.com/auth/iam");
}

bool is_signed(const sdk::Jwt& token, const std::string& key_id, const std::string& public_key) {
    return string_or(token.header, "alg") == "RS256" &&
           (!token.header.contains("kid") || string_or(token.header, "kid") == key_id) &&
           rsa_sha256_verify(public_key, token.signed_text, token.signature);
}

} // namespace

ServerResponse Tokens::handle(Call& call) {
    if (call.operation == "Token") return token(call);
    if (call.operation == "ExchangeToken") return exchange(call);
    return impersonate(call);
}

std::string Tokens::access_token(const std::string& principal) const {
    const std::string payload = base64url(json::serialize(
        json::object{{"principal", principal}, {"expires", world_.now_seconds() + lifetime()}}));
    return std::string(token_prefix) + payload + "." +
           base64url(hmac_sha256(keys_.seal().expose(), "token:" + payload));
}

std::string Tokens::principal_of(const std::string& token) const {
    if (!token.starts_with(token_prefix)) return {};
    const std::string rest = token.substr(token_prefix.size());
    const auto dot = rest.find('.');
    const std::string payload = rest.substr(0, dot);
    if (dot == std::string::npos ||
        !equal_secret(rest.substr(dot + 1),
                      base64url(hmac_sha256(keys_.seal().expose(), "token:" + payload))))
        return {};
    const json::value content = parse_json(base64url_decode(payload), "a token");
    return integer_or(content, "expires") > world_.now_seconds() ? string_or(content, "principal") : "";
}

std::string Tokens::id_token(const std::string& email, const std::string& audience) {
    const auto now = world_.now_seconds();
    return sdk::encode_jwt(
        {{"alg", "RS256"}, {"kid", "pyfops-local"}, {"typ", "JWT"}},
        {{"iss", "https://accounts.google.com"},
         {"aud", audience},
         {"azp", email},
         {"sub", sha256_hex(email).substr(0, 21)},
         {"email", email},
         {"email_verified", true},
         {"iat", now},
         {"exp", now + lifetime()}},
        [this](std::string_view text) { return rsa_sha256_sign(keys_.issuer_key(), text); });
}

ServerResponse Tokens::token(const Call& call) {
    const QueryFields fields = call.form_body();
    const std::string grant_type = field(fields, "grant_type");
    if (grant_type == "urn:ietf:params:oauth:grant-type:jwt-bearer") return grant(fields);
    if (grant_type == "refresh_token") return refresh(fields);
    throw ApiError(400, "unsupported_grant_type", "Invalid grant_type: " + grant_type);
}

ServerResponse Tokens::grant(const QueryFields& fields) {
    sdk::Jwt assertion;
    try {
        assertion = sdk::decode_jwt(field(fields, "assertion"));
    } catch (const Error&) {
        invalid_grant("Bad Request");
    }
    const json::object& claims = assertion.claims;
    if (string_or(claims, "iss") != keys_.account()) invalid_grant("Invalid grant: account not found");
    if (!is_signed(assertion, keys_.key_id(), keys_.public_key())) invalid_grant("Invalid JWT Signature.");
    const auto now = world_.now_seconds(), from = static_cast<std::int64_t>(integer_or(claims, "iat")),
               until = static_cast<std::int64_t>(integer_or(claims, "exp"));
    if (from > now + skew || until < now - skew || until - from > 3600 || until <= from)
        invalid_grant(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim.");
    const std::string audience = string_or(claims, "aud");
    if (audience != "https://oauth2.googleapis.com/token" &&
        !audience.ends_with("/oauth2.googleapis.com/token"))
        invalid_grant("Invalid JWT: Failed audience check.");
    if (const std::string target = string_or(claims, "target_audience"); !target.empty())
        return json_response(200, json::object{{"id_token", id_token(keys_.account(), target)}});
    if (!is_usable_scope(string_or(claims, "scope")))
        throw ApiError(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    return json_response(200, json::object{{"access_token", access_token(keys_.account())},
                                           {"expires_in", lifetime()},
                                           {"token_type", "Bearer"}});
}

ServerResponse Tokens::refresh(const QueryFields& fields) {
    if (field(fields, "client_id") != keys_.client_id() ||
        !equal_secret(field(fields, "client_secret"), keys_.client_secret().expose()))
        throw ApiError(401, "invalid_client", "The OAuth client was not found.");
    if (!equal_secret(field(fields, "refresh_token"), keys_.refresh_token().expose()))
        invalid_grant("Token has been expired or revoked.");
    return json_response(200, json::object{{"access_token", access_token(keys_.user())},
                                           {"id_token", id_token(keys_.user(), keys_.client_id())},
                                           {"expires_in", lifetime()},
                                           {"scope", std::string(cloud_scope) + " openid email"},
                                           {"token_type", "Bearer"}});
}

ServerResponse Tokens::exchange(const Call& call) {
    const QueryFields fields = call.form_body();
    if (field(fields, "grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange")
        throw ApiError(400, "unsupported_grant_type", "Invalid grant_type");
    if (field(fields, "requested_token_type") != "urn:ietf:params:oauth:token-type:access_token")
        throw ApiError(400, "invalid_request", "Invalid requested_token_type");
    if (field(fields, "audience") != keys_.pool_audience())
        throw ApiError(400, "invalid_target",
                       "The target service indicated by the \"audience\" parameters is "
                       "invalid.");
    if (!is_usable_scope(field(fields, "scope")))
        throw ApiError(400, "invalid_scope", "The scope is not one of Google's.");
    sdk::Jwt subject;
    try {
        subject = sdk::decode_jwt(field(fields, "subject_token"));
    } catch (const Error&) {
        invalid_grant("The subject token is no JWT.");
    }
    const auto expires = static_cast<std::int64_t>(integer_or(subject.claims, "exp"));
    if (string_or(subject.claims, "iss") != keys_.pool_issuer() ||
        !is_signed(subject, keys_.key_id(), keys_.public_key()))
        invalid_grant("Error connecting to the given credential's issuer.");
    if (expires < world_.now_seconds()) invalid_grant("ID Token issued is stale to sign-in.");
    const std::string principal = fmt::format(
        "principal://iam.googleapis.com/projects/{}/locations/global/workloadIdentityPools/pyfops/"
        "subject/{}",
        project_number, string_or(subject.claims, "sub"));
    return json_response(200,
                         json::object{{"access_token", access_token(principal)},
                                      {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                      {"token_type", "Bearer"},
                                      {"expires_in", lifetime()}});
}

ServerResponse Tokens::impersonate(Call& call) {
    call.principal = authenticate(call.http, call.service);
    if (call.name != keys_.account()) not_found("projects/-/serviceAccounts/" + call.name);
    const json::object body = call.json_body();
    if (call.operation == "GenerateIdToken") {
        const std::string audience = string_or(body, "audience");
        if (audience.empty()) invalid_argument("audience is required");
        return json_response(200, json::object{{"token", id_token(keys_.account(), audience)}});
    }
    bool scoped = false;
    if (const json::value* scopes = body.if_contains("scope"); scopes && scopes->is_array())
        for (const json::value& one : scopes->as_array())
            scoped = scoped || (one.is_string() && std::string_view(one.as_string()) == cloud_scope);
    if (!scoped) invalid_argument("scope is required");
    return json_response(
        200, json::object{{"accessToken", access_token(keys_.account())},
                          {"expireTime", to_iso8601(world_.now() + std::chrono::seconds(lifetime()))}});
}

std::string Tokens::authenticate(const HttpCall& request, const std::string& service) const {
    const std::string token = bearer_token(request.headers);
    if (token.empty()) unauthenticated("CREDENTIALS_MISSING", service);
    if (const std::string principal = principal_of(token); !principal.empty()) return principal;
    try {
        const sdk::Jwt own = sdk::decode_jwt(token);
        const auto now = world_.now_seconds(),
                   until = static_cast<std::int64_t>(integer_or(own.claims, "exp"));
        const std::string audience = string_or(own.claims, "aud");
        const bool for_service = audience == "https://" + service + ".googleapis.com/" ||
                                 has_scope(string_or(own.claims, "scope"), cloud_scope);
        if (string_or(own.claims, "iss") == keys_.account() &&
            string_or(own.claims, "sub") == keys_.account() && for_service && until > now &&
            until <= now + 3600 + skew && is_signed(own, keys_.key_id(), keys_.public_key()))
            return keys_.account();
    } catch (const Error&) { // no JWT either
    }
    unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", service);
}

void Tokens::check_id_token(const HttpCall& request, const std::vector<std::string>& audiences) {
    HttpHeaders headers = request.headers;
    if (headers.has("X-Serverless-Authorization"))
        headers.set("Authorization", headers.get("X-Serverless-Authorization"));
    const std::string text = bearer_token(headers);
    if (text.empty())
        throw ApiError(403, "Forbidden",
                       "Your client does not have permission to get this URL from this server.");
    try {
        const sdk::Jwt token = sdk::decode_jwt(text);
        const std::string audience = string_or(token.claims, "aud");
        // People call with gcloud's token, which is for gcloud.
        const bool meant = audience == keys_.client_id() ||
                           std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
        if (meant && string_or(token.claims, "iss") == "https://accounts.google.com" &&
            integer_or(token.claims, "exp") > world_.now_seconds() &&
            is_signed(token, "pyfops-local", keys_.issuer_public_key()))
            return;
    } catch (const Error&) { // no token at all
    }
    throw ApiError(401, "Unauthorized", "Your client does not have permission to the requested URL.");
}

} // namespace pyfops::google_emulator
