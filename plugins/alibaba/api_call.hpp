// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/http.hpp"

#include <optional>
#include <string>

namespace pyfops::alibaba {

enum class Service { fc, sts, oss, log };
std::string_view to_string(Service service) noexcept;

/// One call of an Alibaba Cloud API as pure data: neither endpoint nor signature. The service files make
/// them, Cloud sends them.
struct ApiCall {
    Service service = Service::fc;
    std::string operation; ///< "CreateFunction"
    std::string method = "POST";
    std::string target = "/"; ///< path and query, percent-encoded
    HttpHeaders headers;
    Bytes body;
    /// Safe to repeat although it may have been acted on: where "already exists" is understood, also a
    /// create.
    bool idempotent = true;
    bool sign = true;
    std::string bucket;           ///< OSS: part of the host name or of the path
    std::string project;          ///< SLS: part of the host name
    bool account_host = false;    ///< FC: the account's own host name
    std::string rate = "control"; ///< class of operation; throttling holds all calls of it
    std::size_t max_response_bytes = 16u << 20;
    bool secret_answer = false; ///< holds settings of functions, keys or signed URLs: no trace shows it
    std::optional<Milliseconds> patience; ///< of the whole exchange, when less than the deadline
    int attempts = 5;

    std::string name() const { return std::string(to_string(service)) + ":" + operation; }
};

} // namespace pyfops::alibaba
