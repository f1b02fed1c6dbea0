// SPDX-License-Identifier: Apache-2.0
#include "sts.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <charconv>
#include <regex>

namespace pyfops::alibaba_emulator {

namespace {

/// Parameters come in the query or in a form.
std::string field(const Call& call, std::string_view name) {
    if (call.has_parameter(name)) return call.parameter(name);
    if (!call.headers.get("Content-Type").starts_with("application/x-www-form-urlencoded")) return {};
    return query_field(parse_query(call.body, true), name).value_or("");
}

std::string required(const Call& call, const std::string& name) {
    const std::string value = field(call, name);
    if (value.empty())
        throw ApiError(400, "Missing" + name, fmt::format("{} is mandatory for this action.", name));
    return value;
}

} // namespace

Sts::Sts(World& world, Keys& keys) : world_(world), keys_(keys), issuer_(world) {
    issuer_.write_token("alibaba-token", "sts.aliyuncs.com");
}

void Sts::check_token(const std::string& token) const {
    std::optional<json::object> claims;
    try {
        claims = issuer_.claims(token);
    } catch (const Error&) {
        throw ApiError(400, "AuthenticationFail.OIDCToken.Invalid",
                       "The OIDC token is not a JSON web token.");
    }
    if (!claims)
        throw ApiError(400, "AuthenticationFail.OIDCToken.Invalid",
                       "The signature of the OIDC token does not fit.");
    if (integer_or(*claims, "exp") * 1000 <= world_.now_ms())
        throw ApiError(400, "AuthenticationFail.OIDCToken.Expired", "The OIDC token has expired.");
}

ServerResponse Sts::assume(const Call& call, bool with_token) {
    const std::string role = required(call, "RoleArn"), session = required(call, "RoleSessionName");
    static const std::regex role_form(fmt::format("acs:ram::{}:role/[A-Za-z0-9.-]+", account));
    static const std::regex session_form("[A-Za-z0-9.@_-]{2,64}");
    if (!std::regex_match(role, role_form))
        throw ApiError(404, "EntityNotExist.Role", fmt::format("The role not exists: {}", role));
    if (!std::regex_match(session, session_form))
        throw ApiError(400, "InvalidParameter.RoleSessionName",
                       "The parameter RoleSessionName is wrongly formed.");
    if (with_token) {
        required(call, "OIDCProviderArn");
        check_token(required(call, "OIDCToken"));
    }
    long long lifetime = 3600;
    if (const std::string text = field(call, "DurationSeconds"); !text.empty()) {
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), lifetime);
        if (failure != std::errc() || end != text.data() + text.size() || lifetime < 900 || lifetime > 43200)
            throw ApiError(400, "InvalidParameter.DurationSeconds",
                           "The Min/Max value of DurationSeconds is 15min/12hr.");
    }
    const auto key = keys_.issue(role, session, lifetime);
    return json_response(
        200, json::object{{"RequestId", call.request_id},
                          {"AssumedRoleUser",
                           {{"Arn", key.principal}, {"AssumedRoleId", key.role_id + ":" + session}}},
                          {"Credentials",
                           {{"AccessKeyId", key.id},
                            {"AccessKeySecret", key.secret.expose()},
                            {"SecurityToken", key.token},
                            {"Expiration", to_iso8601(world_.now() + std::chrono::seconds(lifetime))}}}});
}

ServerResponse Sts::handle(const Call& call) {
    if (call.operation == "AssumeRole") return assume(call, false);
    if (call.operation == "AssumeRoleWithOIDC") return assume(call, true);
    if (call.operation != "GetCallerIdentity")
        throw ApiError(404, "InvalidAction.NotFound",
                       fmt::format("The local cloud has no action sts:{}", call.operation));
    const auto key = keys_.find(call.key_id);
    return json_response(200, json::object{{"RequestId", call.request_id},
                                           {"AccountId", account},
                                           {"IdentityType", "AssumedRoleUser"},
                                           {"RoleId", key->role_id},
                                           {"UserId", key->role_id + ":session"},
                                           {"PrincipalId", key->role_id + ":session"},
                                           {"Arn", call.principal}});
}

} // namespace pyfops::alibaba_emulator
