// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/identity.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops {

namespace {

constexpr const char* collection = "identity";
constexpr const char* issuer = "https://issuer.pyfops.example";
constexpr std::int64_t lifetime_seconds = 7 * 24 * 3600;

json::object part(std::string_view coded) {
    json::value value = parse_json(base64url_decode(coded), "a part of the token");
    if (!value.is_object()) throw Error(ErrorKind::invalid_input, "a part of the token is no JSON object");
    return std::move(value.as_object());
}

} // namespace

IdentityProvider::IdentityProvider(EmulatorWorld& world) : world_(world) {
    auto stored = world_.state().get(collection, "key");
    if (!stored) {
        stored = json::object{{"key", base64url(random_bytes(32))}};
        world_.state().put(collection, "key", *stored);
    }
    key_ = Secret(string_or(*stored, "key"));
    write_file(world_.state().directory() / "identity" / "key", key_.expose(), 0600);
}

std::string IdentityProvider::signature(std::string_view signed_text) const {
    return hmac_sha256(key_.expose(), signed_text);
}

void IdentityProvider::write_token(const std::string& name, const std::string& audience) const {
    const std::int64_t now = world_.now_ms() / 1000;
    const json::object header{{"alg", "HS256"}, {"typ", "JWT"}};
    const json::object claims{
        {"iss", issuer}, {"sub", "ci"}, {"aud", audience}, {"iat", now}, {"exp", now + lifetime_seconds}};
    const std::string text = base64url(json::serialize(header)) + "." + base64url(json::serialize(claims));
    write_file(world_.state().directory() / "identity" / name, text + "." + base64url(signature(text)), 0600);
}

std::optional<json::object> IdentityProvider::claims(std::string_view token) const {
    const auto first = token.find('.'), last = token.rfind('.');
    if (first == std::string_view::npos || first == last)
        throw Error(ErrorKind::invalid_input, "the token has not the three parts of a JSON web token");
    const json::object header = part(token.substr(0, first));
    json::object claims = part(token.substr(first + 1, last - first - 1));
    const std::string given = base64url_decode(token.substr(last + 1));
    if (string_or(header, "alg") != "HS256" || !equal_secret(given, signature(token.substr(0, last))))
        return std::nullopt;
    return claims;
}

} // namespace pyfops
