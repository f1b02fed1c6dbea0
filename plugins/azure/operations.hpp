// SPDX-License-Identifier: Apache-2.0
// Long-running operations of Azure Resource Manager: where to ask, and what the answers mean. No I/O.
#pragma once

#include "pyfops/http.hpp"
#include "pyfops/json.hpp"

#include <optional>
#include <string>

namespace pyfops::azure {

/// How the end of a request that was taken is learned of.
struct Follow {
    enum class Where { nowhere, operation, location, resource };
    Where where = Where::nowhere;
    std::string url; ///< of the operation or location
};

/// By the first answer to a write: Azure-AsyncOperation, else Location, else the resource's own
/// provisioningState; nowhere when it is done already.
Follow follow_of(const std::string& method, const HttpResponse& answer, const json::value& body);

enum class Progress { running, succeeded, failed };
/// "Succeeded", "InProgress", "Canceled", whatever the letters' case; "" counts as succeeded.
Progress progress_of(const std::string& status);

/// The state in the answer of a poll: `status` of an operation, provisioningState of a resource.
std::string state_of(Follow::Where where, const HttpResponse& answer, const json::value& body);

} // namespace pyfops::azure
