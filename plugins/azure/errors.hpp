// SPDX-License-Identifier: Apache-2.0
// What Azure's failures mean: one kind and one next step for a person. No I/O.
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/json.hpp"

#include <string>

namespace pyfops::azure {

/// A failure as Azure says it, whatever the shape: {"error": {"code", "message"}} of the manager, {"Code",
/// "Message", "Details"} of Microsoft.Web, or the text of a host.
struct ApiError {
    int status = 0;
    std::string code;
    std::string message;
};

/// What the sender knows beside the answer.
struct CallNote {
    std::string operation;
    std::string region;
    std::string credentials;  ///< where they came from
    std::string subscription; ///< id
};

ApiError read_error(const HttpResponse& response);
/// The failure inside the document of an operation or a deployment that ended badly.
ApiError read_failure(const json::value& document, int status);

bool is_throttling(const ApiError& error);
/// Worth repeating: throttling, what is wrong on Azure's side, another operation that is still under way.
bool is_retryable(const ApiError& error);
/// Another operation on the same resource has not ended.
bool is_busy(const ApiError& error);
bool is_busy(const Error& failure);
/// The name is taken, perhaps by somebody else: names of apps and storage accounts are global.
bool is_name_taken(const Error& failure);

Error to_error(const ApiError& error, const CallNote& note);

} // namespace pyfops::azure
