// SPDX-License-Identifier: Apache-2.0
#include "sts.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

namespace pyfops::aws_emulator {

namespace {

std::string required_field(const Fields& form, const std::string& name) {
    std::string value = field(form, name);
    if (value.empty())
        throw ApiError(400, "ValidationError",
                       fmt::format("1 validation error detected: Value null at '{}' failed to satisfy "
                                   "constraint: Member must not be null",
                                   name));
    return value;
}

/// The claims of a JSON Web Token. Its signature is not checked: no identity provider is at hand here.
json::object claims(const std::string& token) {
    try {
        const auto first = token.find('.');
        const auto second = token.find('.', first + 1);
        if (first != std::string::npos && second != std::string::npos) {
            auto value =
                parse_json(base64url_decode(token.substr(first + 1, second - first - 1)), "the token");
            if (value.is_object()) return value.as_object();
        }
    } catch (const Error&) { // told below in the service's words
    }
    throw ApiError(400, "InvalidIdentityToken",
                   "The ID Token provided is not a valid JWT. (You may see this "
                   "error if you sent an Access Token)");
}

} // namespace

json::object Sts::role_of(const Fields& form, std::string_view action, const std::string& who) const {
    const std::string arn = required_field(form, "RoleArn");
    const auto role = iam_.role(arn.substr(arn.rfind('/') + 1));
    const bool federated = action == "sts:AssumeRoleWithWebIdentity";
    const bool known = role && string_or(*role, "arn") == arn;
    if (!known || !trusts(string_or(*role, "trust"), federated ? "Federated" : "AWS", "*", action))
        throw ApiError(403, "AccessDenied",
                       federated ? "Not authorized to perform sts:AssumeRoleWithWebIdentity"
                                 : fmt::format("User: {} is not authorized to perform: {} on resource: {}",
                                               who, action, arn));
    return *role;
}

std::string Sts::session(const Fields& form, const json::object& role) {
    const std::string name = required_field(form, "RoleSessionName");
    std::int64_t seconds = 3600;
    if (const auto text = field(form, "DurationSeconds"); !text.empty()) {
        seconds = to_integer(text).value_or(0);
        if (seconds < 900)
            throw ApiError(
                400, "ValidationError",
                fmt::format("1 validation error detected: Value '{}' at 'durationSeconds' failed to "
                            "satisfy constraint: Member must have value greater than or equal to 900",
                            text));
        if (seconds > integer_or(role, "max_session", 3600))
            throw ApiError(400, "ValidationError",
                           "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }
    // Short-lived sessions are for tests of their renewal.
    seconds = world_.setting("sts.session_seconds", seconds);
    const auto key = keys_.issue(string_or(role, "arn"), string_or(role, "id"), name, seconds);
    const auto expires = SystemTime(Milliseconds(key.expires_ms));
    return "<Credentials>" + element("AccessKeyId", key.id) +
           element("SecretAccessKey", key.secret.expose()) + element("SessionToken", key.token) +
           element("Expiration", to_iso8601(expires)) + "</Credentials><AssumedRoleUser>" +
           element("AssumedRoleId", key.user_id) + element("Arn", key.principal) + "</AssumedRoleUser>";
}

std::string Sts::with_web_identity(const Fields& form) {
    const auto token = claims(required_field(form, "WebIdentityToken"));
    const auto expires = integer_or(token, "exp");
    if (expires != 0 && expires * 1000 < world_.now_ms())
        throw ApiError(400, "ExpiredTokenException",
                       fmt::format("Token expired: current date/time {} must be before the expiration "
                                   "date/time {}",
                                   world_.now_ms() / 1000, expires));
    const auto role = role_of(form, "sts:AssumeRoleWithWebIdentity", {});
    return session(form, role) + element("SubjectFromWebIdentityToken", string_or(token, "sub")) +
           element("Audience", string_or(token, "aud")) + element("Provider", string_or(token, "iss"));
}

ServerResponse Sts::handle(const Call& call, const std::string& key_id) {
    const Fields form = parse_fields(call.body, true);
    std::string result;
    if (call.operation == "AssumeRoleWithWebIdentity") {
        result = with_web_identity(form);
    } else if (call.operation == "AssumeRole") {
        result = session(form, role_of(form, "sts:AssumeRole", call.principal));
    } else if (call.operation == "GetCallerIdentity") {
        const auto key = keys_.find(key_id);
        result = element("Arn", call.principal) + element("UserId", key ? key->user_id : "") +
                 element("Account", account);
    } else {
        throw ApiError(
            400, "InvalidAction",
            fmt::format("Could not find operation {} for version 2011-06-15", field(form, "Action")));
    }
    return xml_answer(200, fmt::format("<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                                       "<{0}Result>{1}</{0}Result><ResponseMetadata>{2}</ResponseMetadata>"
                                       "</{0}Response>",
                                       call.operation, result, element("RequestId", call.request_id)));
}

} // namespace pyfops::aws_emulator
