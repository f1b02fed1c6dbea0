// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/http.hpp"
#include "pyfops/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops::azure {

/// One call as pure data: neither address nor token. The service files make them, Cloud sends them.
struct ApiCall {
    enum class To { manager, site, insights, storage };
    enum class Token { manager, insights, none };

    std::string operation; ///< "web:CreateSite"
    std::string method = "GET";
    std::string target; ///< path and query, percent-encoded
    To to = To::manager;
    std::string host; ///< not of the manager: "app.scm.azurewebsites.net"
    Token token = Token::manager;
    HttpHeaders headers;
    Bytes body;
    std::vector<Secret> secrets; ///< in the body: in no message, also when the answer repeats them
    /// Safe to repeat although it may have been acted on.
    bool idempotent = true;
    int attempts = 6;
    std::optional<Milliseconds> patience; ///< of all attempts together; none: the context's deadline
    std::size_t max_response_bytes = 64u << 20;
    bool secret_body = false;   ///< holds settings of functions, or keys: no trace shows it
    bool secret_answer = false; ///< the same of the answer
};

/// A call of Azure Resource Manager with a body of JSON or without one.
ApiCall manager_call(std::string operation, std::string method, std::string path, const char* api_version);
void set_json(ApiCall& call, const std::string& text);

} // namespace pyfops::azure
