// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/jwt.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>

#include <vector>

namespace pyfops::sdk {
namespace {

json::object decode_part(std::string_view part) {
    try {
        json::value value = parse_json(base64url_decode(part), "a part of a token", {.max_bytes = 64u << 10});
        if (auto* object = value.if_object()) return std::move(*object);
    } catch (const Error&) { // its words may quote the token
    }
    throw Error(ErrorKind::invalid_input, "not a JSON Web Token: a part is not a JSON object");
}

} // namespace

std::string encode_jwt(const json::object& header, const json::object& claims,
                       const std::function<std::string(std::string_view)>& sign) {
    const std::string text = base64url(json::serialize(header)) + "." + base64url(json::serialize(claims));
    return text + "." + base64url(sign(text));
}

Jwt decode_jwt(std::string_view token) {
    const std::vector<std::string_view> parts = split(token, '.');
    if (parts.size() != 3)
        throw Error(ErrorKind::invalid_input, "not a JSON Web Token: three parts are wanted");
    Jwt jwt{decode_part(parts[0]),
            decode_part(parts[1]),
            std::string(token.substr(0, parts[0].size() + 1 + parts[1].size())),
            {}};
    try {
        jwt.signature = base64url_decode(parts[2]);
    } catch (const Error&) {
        throw Error(ErrorKind::invalid_input, "not a JSON Web Token: the signature is not base64");
    }
    return jwt;
}

} // namespace pyfops::sdk
