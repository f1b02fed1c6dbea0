// SPDX-License-Identifier: Apache-2.0
// Signature Version 4, for the side that signs and the side that verifies. Proven by the vectors of
// aws-c-auth and botocore (tests/plugins/aws/sigv4_test.cpp).
#pragma once

#include "pyfops/http.hpp"
#include "pyfops/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::aws {

inline constexpr std::string_view empty_payload_hash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

/// How the path becomes the canonical URI. Every service normalises it and encodes it a second time; S3 takes
/// the path of the wire as it is.
enum class PathRule {
    normalised,   ///< every service but S3
    unnormalised, ///< encoded, dot segments kept
    verbatim      ///< S3
};
PathRule path_rule(std::string_view service);

std::string canonical_uri(std::string_view path, PathRule rule);
/// Decoded, encoded, sorted; `without` is left out (X-Amz-Signature).
std::string canonical_query(std::string_view query, std::string_view without = {});
/// Whether a client signs that header (name in any case).
bool is_signed_header(std::string_view name);
/// Lower-case names of all headers that are signed, sorted, each once.
std::vector<std::string> signed_header_names(const HttpHeaders& headers);

struct CanonicalRequest {
    std::string_view method;
    std::string_view path;
    std::string_view query;
    const HttpHeaders& headers;                   ///< Host included
    const std::vector<std::string>& signed_names; ///< lower case, sorted
    std::string_view payload_hash;
    PathRule rule = PathRule::normalised;
};
std::string canonical_request(const CanonicalRequest& request);

/// "20150830/us-east-1/lambda/aws4_request".
struct Scope {
    std::string date; ///< YYYYMMDD
    std::string region;
    std::string service;
    std::string str() const;
};

std::string amz_date(SystemTime time); ///< "20150830T123600Z"
std::string string_to_sign(std::string_view amz_date, const Scope& scope, std::string_view canonical);
/// Lower-case hex.
std::string signature(std::string_view secret_key, const Scope& scope, std::string_view string_to_sign);

/// Who signs.
struct SigningKey {
    std::string access_key_id;
    Secret secret_key;
    Secret session_token; ///< may be empty
};

struct Signing {
    std::string region;
    std::string service;
    SystemTime time;
    PathRule rule = PathRule::normalised;
    /// Send x-amz-content-sha256 (S3 insists on it).
    bool content_hash_header = false;
    /// Add the session token after signing, unsigned.
    bool token_after = false;
    std::string payload_hash; ///< empty: of the body
};

/// Adds Host, X-Amz-Date, X-Amz-Security-Token and Authorization; replaces what is there of them.
void sign(HttpRequest& request, const SigningKey& key, const Signing& signing);
/// Puts the signature into the query: valid for `expires_seconds` (1..604800) from `signing.time`.
void presign(HttpRequest& request, const SigningKey& key, const Signing& signing, int expires_seconds);

/// What a received request claims about its signature.
struct Claim {
    std::string access_key_id;
    Scope scope;
    std::string amz_date;
    std::vector<std::string> signed_names;
    std::string signature;
    std::string session_token;
    std::optional<long long> expires_seconds; ///< presigned
    bool in_query = false;
};

/// The signature of a received request, from its Authorization header or its query; nullopt when it has none.
/// Throws Error(invalid_input) naming the part that is broken.
std::optional<Claim> read_claim(std::string_view query, const HttpHeaders& headers);

/// The signature that the request should have, for comparison in constant time (equal_secret). `payload_hash`
/// is what the caller worked out (the body's, or the value of x-amz-content-sha256 once it is checked).
std::string expected_signature(const Claim& claim, std::string_view secret_key, std::string_view method,
                               std::string_view path, std::string_view query, const HttpHeaders& headers,
                               std::string_view payload_hash);

} // namespace pyfops::aws
