// SPDX-License-Identifier: Apache-2.0
#include "iam.hpp"

#include "endpoints.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/jwt.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm::iam {
namespace {

SystemTime from_epoch(long long seconds) {
    return SystemTime(std::chrono::seconds(seconds));
}

} // namespace

sdk::RestCall token_request(const ServiceConfig& config) {
    sdk::RestCall call;
    call.operation = "iam:GetToken";
    call.method = "POST";
    const Url base = Url::parse(config.auth_url);
    require_secure(base, "the IAM host");
    call.url = below(base, "/identity/token");
    call.headers.set("Content-Type", "application/x-www-form-urlencoded");
    call.headers.set("Accept", "application/json");
    if (!config.client_id.empty())
        call.headers.set("Authorization",
                         "Basic " + base64(config.client_id + ":" + config.client_secret.expose()), true);
    sdk::Fields fields{{"grant_type", "urn:ibm:params:oauth:grant-type:apikey"},
                       {"apikey", config.api_key.expose()},
                       {"response_type", "cloud_iam"}};
    if (!config.scope.empty()) fields.emplace_back("scope", config.scope);
    call.body = sdk::form_encode(fields);
    call.idempotent = true; // one token more does no harm
    call.max_response_bytes = 1u << 20;
    return call;
}

Token read_bearer(const Secret& token) {
    Token read;
    read.access_token = token;
    try {
        const sdk::Jwt jwt = sdk::decode_jwt(token.expose());
        if (const json::value* account = find(jwt.claims, "account"))
            read.account = string_or(*account, "bss");
        read.principal = string_or(jwt.claims, "sub", string_or(jwt.claims, "iam_id"));
        if (const long long expires = integer_or(jwt.claims, "exp"); expires > 0)
            read.expires = from_epoch(expires);
    } catch (const Error&) { // opaque: it is for the provider to read
    }
    return read;
}

Token read_token(const json::value& answer, SystemTime now) {
    const std::string text = string_or(answer, "access_token");
    if (text.empty())
        throw Error(ErrorKind::unavailable, "IAM answered without a token")
            .hint("check that CODE_ENGINE_AUTH_URL leads to IBM Cloud IAM");
    Token token = read_bearer(Secret(text));
    if (const long long at = integer_or(answer, "expiration"); at > 0)
        token.expires = from_epoch(at);
    else if (!token.expires)
        token.expires = now + std::chrono::seconds(integer_or(answer, "expires_in", 3600));
    return token;
}

} // namespace pyfops::ibm::iam
