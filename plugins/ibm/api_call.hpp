// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"

#include <string>

namespace pyfops::ibm {

/// One call of an API as pure data: neither host nor key. The service files make them, the clouds send them.
/// Each may be repeated although it may have been acted on: "already exists" is understood of a creation, and
/// a change is for one version.
struct ApiCall {
    std::string operation; ///< "codeengine:GetFunction"
    std::string method = "GET";
    std::string target; ///< path and query below the base URL, percent-encoded, starts with '/'
    HttpHeaders headers;
    Bytes body;
    bool secret_body = false;   ///< holds settings of functions, or keys: no trace shows it
    bool secret_answer = false; ///< the same of the answer
    std::string resource;       ///< for messages: "the function gate-hello"
};

} // namespace pyfops::ibm
