// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/retry.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pyfops::alibaba {

/// A refusal in Alibaba Cloud's words, whatever form the service gave it.
struct ApiError {
    int status = 0;
    std::string code;    ///< "FunctionNotFound"; "" when the answer was not Alibaba Cloud's
    std::string message; ///< untrusted
    std::string request_id;
    std::optional<Milliseconds> retry_after; ///< x-acs-retry-after
};

/// Reads the error of Function Compute and STS (JSON), OSS (XML) or SLS (JSON with other names).
ApiError read_error(const HttpResponse& response);

/// What the call was, for the message.
struct CallNote {
    std::string operation; ///< "fc:CreateFunction"
    std::string region;
    std::string credentials; ///< where the keys came from
};

/// Kind, cause and what to do.
Error to_error(const ApiError& error, const CallNote& note);

bool is_throttling(const ApiError& error);
bool is_retryable(const ApiError& error);
/// The clocks differ: the Date header of the answer tells by how much.
bool is_clock_skew(const ApiError& error);
/// A copy of the same request has arrived before: its answer was lost on a connection that was replaced.
bool is_replay(const ApiError& error);

// By an Error that to_error made.
/// "already exists", in the words of each service.
bool already_exists(const Error& failure);
/// A function that is being updated by somebody: worth waiting for its state.
bool is_busy(const Error& failure);
bool has_expired(const Error& failure);

} // namespace pyfops::alibaba
