// SPDX-License-Identifier: Apache-2.0
#include "sts.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/xml.hpp"

namespace pyfops::aws::sts {
namespace {

ApiCall call(std::string operation, const sdk::Fields& fields) {
    ApiCall one;
    one.service = "sts";
    one.operation = operation;
    one.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    sdk::Fields all{{"Action", std::move(operation)}, {"Version", "2011-06-15"}};
    all.insert(all.end(), fields.begin(), fields.end());
    one.body = sdk::form_encode(all);
    one.rate = "sts";
    return one;
}

sdk::Fields role_fields(const RoleRequest& request) {
    sdk::Fields fields{{"RoleArn", request.role_arn}, {"RoleSessionName", request.session_name}};
    if (!request.external_id.empty()) fields.emplace_back("ExternalId", request.external_id);
    if (request.duration_seconds > 0)
        fields.emplace_back("DurationSeconds", std::to_string(request.duration_seconds));
    return fields;
}

} // namespace

ApiCall get_caller_identity() {
    return call("GetCallerIdentity", {});
}

Caller read_caller(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of STS");
    return {root.at("GetCallerIdentityResult/Account"), root.at("GetCallerIdentityResult/Arn")};
}

ApiCall assume_role(const RoleRequest& request) {
    return call("AssumeRole", role_fields(request));
}

ApiCall assume_role_with_web_identity(const RoleRequest& request, const Secret& token) {
    sdk::Fields fields = role_fields(request);
    fields.emplace_back("WebIdentityToken", token.expose());
    ApiCall one = call("AssumeRoleWithWebIdentity", fields);
    one.sign = false;
    return one;
}

Credentials read_credentials(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of STS");
    for (const sdk::XmlElement& result : root.children) {
        const sdk::XmlElement* keys = result.child("Credentials");
        if (!keys) continue;
        Credentials credentials;
        credentials.key.access_key_id = keys->at("AccessKeyId");
        credentials.key.secret_key = Secret(keys->at("SecretAccessKey"));
        credentials.key.session_token = Secret(keys->at("SessionToken"));
        credentials.expires = from_iso8601(keys->at("Expiration"));
        if (!credentials.key.access_key_id.empty() && !credentials.key.secret_key.empty()) return credentials;
    }
    throw Error(ErrorKind::unauthenticated, "STS answered without keys");
}

} // namespace pyfops::aws::sts
