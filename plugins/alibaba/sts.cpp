// SPDX-License-Identifier: Apache-2.0
#include "sts.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/rest.hpp"

namespace pyfops::alibaba::sts {
namespace {

constexpr const char* version = "2015-04-01";

ApiCall call(std::string operation, const sdk::Fields& query) {
    ApiCall one;
    one.service = Service::sts;
    one.operation = operation;
    one.headers.set("Accept", "application/json");
    one.headers.set("x-acs-version", version);
    one.headers.set("x-acs-action", std::move(operation));
    if (!query.empty()) one.target = "/?" + sdk::form_encode(query);
    one.rate = "sts";
    return one;
}

sdk::Fields role_fields(const RoleRequest& request) {
    sdk::Fields fields{{"RoleArn", request.role_arn}, {"RoleSessionName", request.session_name}};
    if (!request.policy.empty()) fields.emplace_back("Policy", request.policy);
    if (!request.external_id.empty()) fields.emplace_back("ExternalId", request.external_id);
    if (request.duration_seconds > 0)
        fields.emplace_back("DurationSeconds", std::to_string(request.duration_seconds));
    return fields;
}

} // namespace

ApiCall get_caller_identity() {
    return call("GetCallerIdentity", {});
}

Caller read_caller(const json::value& answer) {
    return {string_or(answer, "AccountId"), string_or(answer, "Arn")};
}

ApiCall assume_role(const RoleRequest& request) {
    return call("AssumeRole", role_fields(request));
}

ApiCall assume_role_with_oidc(const RoleRequest& request, const std::string& provider_arn,
                              const Secret& token, SystemTime now) {
    ApiCall one = call("AssumeRoleWithOIDC", {{"Action", "AssumeRoleWithOIDC"},
                                              {"Format", "JSON"},
                                              {"Version", version},
                                              {"Timestamp", to_iso8601(now)}});
    sdk::Fields fields = role_fields(request);
    fields.emplace_back("OIDCProviderArn", provider_arn);
    fields.emplace_back("OIDCToken", token.expose());
    one.headers.set("Content-Type", "application/x-www-form-urlencoded");
    one.body = sdk::form_encode(fields);
    one.sign = false;
    return one;
}

Credentials read_credentials(const json::value& answer) {
    const json::value* keys = find(answer, "Credentials");
    Credentials credentials;
    if (keys) {
        credentials.key.access_key_id = string_or(*keys, "AccessKeyId");
        credentials.key.access_key_secret = Secret(string_or(*keys, "AccessKeySecret"));
        credentials.key.security_token = Secret(string_or(*keys, "SecurityToken"));
        if (const std::string expires = string_or(*keys, "Expiration"); !expires.empty())
            credentials.expires = from_iso8601(expires);
    }
    if (credentials.key.access_key_id.empty() || credentials.key.access_key_secret.empty())
        throw Error(ErrorKind::unauthenticated, "STS answered without keys");
    return credentials;
}

} // namespace pyfops::alibaba::sts
