// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/retry.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pyfops::aws {

/// A refusal in AWS's words, whatever form the service gave it.
struct ApiError {
    int status = 0;
    std::string code;    ///< "ResourceNotFoundException"; "" when the answer was not AWS's
    std::string message; ///< untrusted
    std::string reason;  ///< of a throttling answer: "CallerRateLimitExceeded"
    std::string request_id;
    std::optional<Milliseconds> retry_after; ///< x-amz-retry-after
};

/// Reads the error of a REST-JSON, JSON 1.1, query or S3 answer.
ApiError read_error(const HttpResponse& response);

/// What the call was, for the message.
struct CallNote {
    std::string operation; ///< "lambda:CreateFunction"
    std::string region;
    bool opt_in_region = false;
    std::string credentials; ///< where the keys came from
};

/// Kind, cause and what to do.
Error to_error(const ApiError& error, const CallNote& note);

bool is_throttling(const ApiError& error);
/// The table of botocore's standard mode and of the Lambda API.
bool is_retryable(const ApiError& error);
/// The clocks differ: the Date header of the answer tells by how much.
bool is_clock_skew(const ApiError& error);
/// A role that IAM has not told Lambda of yet.
bool is_role_propagation(const ApiError& error);

// The same, by an Error that to_error made.
bool is_role_propagation(const Error& failure);
/// A function that is being created or updated: worth waiting for its state.
bool is_busy(const Error& failure);
/// "already exists", in the words of each service.
bool already_exists(const Error& failure);

} // namespace pyfops::aws
