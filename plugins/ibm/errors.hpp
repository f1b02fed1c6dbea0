// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/retry.hpp"

#include <string>

namespace pyfops::ibm {

/// A refusal in the words of IAM, Code Engine or OpenWhisk.
struct ApiError {
    int status = 0;
    std::string code;    ///< "resource_not_found", "BXNIM0415E"; "" where there is none
    std::string message; ///< untrusted
};
ApiError read_error(const HttpResponse& response);

/// What the call was, for the message.
struct CallNote {
    std::string operation; ///< "codeengine:CreateFunction"
    std::string resource;  ///< "the function gate-hello"; may be ""
    std::string place;     ///< "eu-de", or the host
    std::string credentials;
};

/// Kind, cause and what to do.
Error to_error(const ApiError& error, const CallNote& note);
/// 2xx is good; else what to_error makes, and whether it is worth repeating.
Verdict judge(const HttpResponse& response, const CallNote& note);

/// The resource changed between reading and writing it.
bool is_stale(const Error& failure);
bool already_exists(const Error& failure);

} // namespace pyfops::ibm
