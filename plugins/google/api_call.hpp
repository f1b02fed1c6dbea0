// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/http.hpp"

#include <functional>
#include <optional>
#include <string>

namespace pyfops::google {

/// One call of a Google API as pure data: neither endpoint nor token. The service files make them, Cloud
/// sends them.
struct ApiCall {
    std::string service;   ///< cloudfunctions, run, logging, storage, iamcredentials, ...
    std::string operation; ///< "CreateFunction"
    std::string method = "GET";
    std::string target = "/"; ///< path and query, percent-encoded
    std::optional<Url> url;   ///< in place of endpoint and target: signed URLs, token endpoints, functions
    HttpHeaders headers;
    Bytes body;
    /// In place of `body`, for what is signed with Google's time.
    std::function<Bytes(SystemTime now)> body_at;
    /// Safe to repeat although it may have been acted on: where "already exists" is understood, also a
    /// create.
    bool idempotent = true;
    bool authorized = true; ///< with an access token
    std::string rate;       ///< class of operation for the rate limit; "": none
    std::size_t max_response_bytes = 16u << 20;
    bool secret_answer = false; ///< holds settings of functions, keys or signed URLs: no trace shows it
    std::optional<Milliseconds> patience; ///< of the whole exchange, when less than the deadline
    int attempts = 6;

    std::string name() const { return service + ":" + operation; }
};

} // namespace pyfops::google
