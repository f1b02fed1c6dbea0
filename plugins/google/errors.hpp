// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/json.hpp"
#include "pyfops/retry.hpp"

#include <optional>
#include <string>

namespace pyfops::google {

/// A refusal in Google's words, whatever form the service gave it.
struct ApiError {
    int status = 0;      ///< of HTTP; of an operation's error what its code stands for
    std::string code;    ///< google.rpc.Code by name: "NOT_FOUND"; "" when the answer was not Google's
    std::string message; ///< untrusted
    std::string reason;  ///< of google.rpc.ErrorInfo: "SERVICE_DISABLED"
    std::string service; ///< that the reason is about: "run.googleapis.com"
    std::string permission;
    bool quota = false;                      ///< a google.rpc.QuotaFailure is among the details
    std::optional<Milliseconds> retry_after; ///< of google.rpc.RetryInfo
};

/// Reads the error of a JSON API, of a token endpoint (RFC 6749) or of Cloud Storage (XML).
ApiError read_error(const HttpResponse& response);
/// Reads google.rpc.Status: the `error` of an operation.
ApiError read_status(const json::value& status);

/// What the call was, for the message.
struct CallNote {
    std::string operation; ///< "cloudfunctions:CreateFunction"
    std::string region;
    std::string project;
    std::string credentials; ///< where the token came from
    std::string principal;   ///< whose it is
};

/// Kind, cause and what to do.
Error to_error(const ApiError& error, const CallNote& note);

bool is_throttling(const ApiError& error);
/// Worth repeating as it is. A conflict is not: the state of the resource decides.
bool is_retryable(const ApiError& error);
/// An assertion that was signed at a wrong time.
bool is_clock_skew(const ApiError& error);

// The same, by an Error that to_error made.
/// Another operation on the function is under way: worth waiting for its state.
bool is_busy(const Error& failure);
bool already_exists(const Error& failure);

} // namespace pyfops::google
