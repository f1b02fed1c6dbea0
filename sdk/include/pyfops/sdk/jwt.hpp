// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace pyfops::sdk {

/// A JSON Web Token in its compact form (RFC 7519, RFC 7515), taken apart; nothing is verified.
struct Jwt {
    json::object header;
    json::object claims;
    std::string signed_text; ///< what the signature is of: "header.claims" as sent
    std::string signature;   ///< raw bytes
};

/// `sign` gets the text to sign and returns the raw signature, as rsa_sha256_sign and hmac_sha256 do.
std::string encode_jwt(const json::object& header, const json::object& claims,
                       const std::function<std::string(std::string_view)>& sign);

/// Throws Error(invalid_input) for what is no token; its text is never part of the message.
Jwt decode_jwt(std::string_view token);

} // namespace pyfops::sdk
