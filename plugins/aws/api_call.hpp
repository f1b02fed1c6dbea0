// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"

#include <optional>
#include <string>

namespace pyfops::aws {

/// One call of an AWS API as pure data: neither endpoint nor signature. The service files make them, Cloud
/// sends them.
struct ApiCall {
    std::string service;   ///< lambda, iam, sts, s3, logs
    std::string operation; ///< "CreateFunction"
    std::string method = "POST";
    std::string target = "/"; ///< path and query, percent-encoded
    HttpHeaders headers;
    Bytes body;
    /// Safe to repeat although it may have been acted on: where "already exists" is understood, also a
    /// create.
    bool idempotent = true;
    bool sign = true;
    std::string bucket;         ///< S3: part of the host name or of the path
    std::string rate = "write"; ///< class of operation for the rate limit
    std::size_t max_response_bytes = 16u << 20;
    bool secret_answer = false; ///< holds settings of functions, keys or signed URLs: no trace shows it
    std::optional<Milliseconds> patience; ///< of the whole exchange, when less than the deadline
    int attempts = 5;

    std::string name() const { return service + ":" + operation; }
};

} // namespace pyfops::aws
