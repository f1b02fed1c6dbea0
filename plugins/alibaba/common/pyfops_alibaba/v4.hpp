// SPDX-License-Identifier: Apache-2.0
// "aliyun_v4": the signatures of Object Storage Service (OSS4-HMAC-SHA256) and Simple Log Service
// (SLS4-HMAC-SHA256), which share scope and key derivation and differ in what they sign. Proven by values
// that the official SDKs made (tests/plugins/alibaba/v4_test.cpp).
#pragma once

#include "pyfops_alibaba/acs3.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::alibaba {

enum class V4Product { oss, sls };

/// "20231216T162057Z".
std::string v4_date(SystemTime time);

struct V4Signing {
    V4Product product = V4Product::oss;
    std::string region;
    SystemTime time;
    std::string resource;     ///< OSS: "/bucket/key"; SLS: the path; both as on the wire
    std::string payload_hash; ///< SLS only; empty: of the body
};

/// Adds Host, the product's date, content hash and token headers, and Authorization.
void v4_sign(HttpRequest& request, const SigningKey& key, const V4Signing& signing);

/// What a received request claims.
struct V4Claim {
    V4Product product = V4Product::oss;
    std::string access_key_id;
    std::string date; ///< of the scope, "20231216"
    std::string region;
    std::vector<std::string> additional; ///< names of further signed headers
    std::string signature;
    std::string time; ///< x-oss-date or x-log-date
};
std::optional<V4Claim> v4_claim(const HttpHeaders& headers);

/// The signature that the request should have.
std::string v4_expected(const V4Claim& claim, std::string_view secret, std::string_view method,
                        std::string_view resource, std::string_view query, const HttpHeaders& headers);

} // namespace pyfops::alibaba
