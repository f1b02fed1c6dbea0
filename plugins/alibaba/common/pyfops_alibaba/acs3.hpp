// SPDX-License-Identifier: Apache-2.0
// ACS3-HMAC-SHA256, the signature of Alibaba Cloud's APIs, for the side that signs and the side that
// verifies. Proven by the vectors of the documentation and of the official SDKs
// (tests/plugins/alibaba/acs3_test.cpp).
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/http.hpp"
#include "pyfops/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::alibaba {

/// Who signs; of any of Alibaba's signatures.
struct SigningKey {
    std::string access_key_id;
    Secret access_key_secret;
    Secret security_token; ///< may be empty
};

/// The path of the wire, in the signature's spelling.
std::string acs3_uri(std::string_view path);
/// Decoded, encoded, sorted; a name without a value is "name=".
std::string acs3_query(std::string_view query);
/// Lower-case names of what is signed (host, content-type, x-acs-*), sorted, each once.
std::vector<std::string> acs3_header_names(const HttpHeaders& headers);

struct Acs3Request {
    std::string_view method;
    std::string_view path;
    std::string_view query;
    const HttpHeaders& headers;                   ///< Host included
    const std::vector<std::string>& signed_names; ///< lower case, sorted
    std::string_view payload_hash;
};
std::string acs3_canonical(const Acs3Request& request);
/// Lower-case hex.
std::string acs3_signature(std::string_view secret, std::string_view canonical);

struct Acs3Signing {
    SystemTime time;
    std::string nonce;        ///< another for every request
    std::string payload_hash; ///< hex; empty: of the body
};

/// Adds Host, x-acs-date, x-acs-signature-nonce, x-acs-content-sha256, the token's headers and Authorization;
/// replaces what is there of them.
void acs3_sign(HttpRequest& request, const SigningKey& key, const Acs3Signing& signing);

/// What a received request claims about its signature.
struct Acs3Claim {
    std::string access_key_id;
    std::vector<std::string> signed_names;
    std::string signature;
};

/// nullopt when the request carries no such signature. Throws Error(invalid_input) naming what is broken.
std::optional<Acs3Claim> acs3_claim(const HttpHeaders& headers);

} // namespace pyfops::alibaba
