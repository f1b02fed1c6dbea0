// SPDX-License-Identifier: Apache-2.0
#include "sts.hpp"

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

} // namespace

Sts::Sts(World& world, Iam& iam, Keys& keys) : world_(world), iam_(iam), keys_(keys), issuer_(world) {
    issuer_.write_token("aws-token", "sts.amazonaws.com");
}

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

std::string Sts::session(const Fields& form, const json::object& role, bool of_function) {
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
    const auto key = keys_.issue(string_or(role, "arn"), string_or(role, "id"), name, seconds, of_function);
    const auto expires = SystemTime(Milliseconds(key.expires_ms));
    return "<Credentials>" + element("AccessKeyId", key.id) +
           element("SecretAccessKey", key.secret.expose()) + element("SessionToken", key.token) +
           element("Expiration", to_iso8601(expires)) + "</Credentials><AssumedRoleUser>" +
           element("AssumedRoleId", key.user_id) + element("Arn", key.principal) + "</AssumedRoleUser>";
}

std::string Sts::with_web_identity(const Fields& form) {
    const std::string text = required_field(form, "WebIdentityToken");
    std::optional<json::object> known;
    try {
        known = issuer_.claims(text);
    } catch (const Error&) {
        throw ApiError(400, "InvalidIdentityToken",
                       "The ID Token provided is not a valid JWT. (You may see this "
                       "error if you sent an Access Token)");
    }
    if (!known)
        throw ApiError(400, "InvalidIdentityToken",
                       "Couldn't retrieve verification key from your identity provider, please reference "
                       "AssumeRoleWithWebIdentity documentation for requirements");
    const json::object& token = *known;
    const auto expires = integer_or(token, "exp");
    if (expires != 0 && expires * 1000 < world_.now_ms())
        throw ApiError(400, "ExpiredTokenException",
                       fmt::format("Token expired: current date/time {} must be before the expiration "
                                   "date/time {}",
                                   world_.now_ms() / 1000, expires));
    const auto role = role_of(form, "sts:AssumeRoleWithWebIdentity", {});
    return session(form, role, false) + element("SubjectFromWebIdentityToken", string_or(token, "sub")) +
           element("Audience", string_or(token, "aud")) + element("Provider", string_or(token, "iss"));
}

ServerResponse Sts::handle(const Call& call, const std::string& key_id) {
    const Fields form = parse_fields(call.body, true);
    std::string result;
    if (call.operation == "AssumeRoleWithWebIdentity") {
        result = with_web_identity(form);
    } else if (call.operation == "AssumeRole") {
        result = session(form, role_of(form, "sts:AssumeRole", call.principal), keys_.is_function(key_id));
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
