// SPDX-License-Identifier: Apache-2.0
#include "iam.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/jwt.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view grant = "urn:ibm:params:oauth:grant-type:apikey";

[[noreturn]] void unauthorized() {
    throw ApiError(401, "unauthorized", "The token is not valid or has expired.");
}

} // namespace

std::string Iam::api_key() const {
    return world_.kept("api_key", [this] { return world_.random_text(44, letters); });
}

std::string Iam::signing_key() const {
    return world_.kept("iam_key", [] { return hex(random_bytes(32)); });
}

ServerResponse Iam::token(const HttpCall& call) const {
    QueryFields form;
    try {
        form = parse_query(call.body, true);
    } catch (const Error&) {
        throw ApiError(400, "BXNIM0109E", "Property missing or empty: apikey");
    }
    if (query_field(form, "grant_type") != grant)
        throw ApiError(400, "BXNIM0136E", "The provided grant_type is not supported");
    const auto key = query_field(form, "apikey");
    if (!key || key->empty()) throw ApiError(400, "BXNIM0109E", "Property missing or empty: apikey");
    if (!equal_secret(*key, api_key()))
        throw ApiError(400, "BXNIM0415E", "Provided API key could not be found.");
    const std::int64_t seconds = world_.setting("ibm.token_seconds", 3600);
    const std::int64_t now = world_.now_ms() / 1000;
    const json::object claims{{"iam_id", "IBMid-pyfopslocal"},
                              {"id", "IBMid-pyfopslocal"},
                              {"sub", "developer@pyfops.invalid"},
                              {"account", {{"bss", account}, {"valid", true}}},
                              {"iat", now},
                              {"exp", now + seconds},
                              {"iss", "https://iam.cloud.ibm.com/identity"},
                              {"grant_type", grant},
                              {"scope", "ibm openid"},
                              {"jti", world_.uuid()}};
    const std::string secret = signing_key();
    const std::string token =
        sdk::encode_jwt({{"alg", "HS256"}, {"typ", "JWT"}, {"kid", "pyfops-local"}}, claims,
                        [&secret](std::string_view text) { return hmac_sha256(secret, text); });
    return json_response(200, json::object{{"access_token", token},
                                           {"refresh_token", "not_supported"},
                                           {"token_type", "Bearer"},
                                           {"expires_in", seconds},
                                           {"expiration", now + seconds},
                                           {"scope", "ibm openid"}});
}

void Iam::check(const HttpCall& call) const {
    std::string token = bearer_token(call.headers);
    if (token.empty()) token = call.headers.get("Authorization"); // as IBM's own examples send it
    if (token.empty()) throw ApiError(401, "unauthorized", "An IAM token is needed.");
    try {
        const sdk::Jwt jwt = sdk::decode_jwt(token);
        const bool good = equal_secret(jwt.signature, hmac_sha256(signing_key(), jwt.signed_text));
        if (!good || integer_or(jwt.claims, "exp") <= world_.now_ms() / 1000) unauthorized();
    } catch (const Error&) {
        unauthorized();
    }
}

} // namespace pyfops::ibm_emulator
