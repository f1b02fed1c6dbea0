// SPDX-License-Identifier: Apache-2.0
// Who may call: the policy of the Cloud Run service behind a function. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/json.hpp"

#include <string>

namespace pyfops::google::run_service {

/// `service`: projects/P/locations/R/services/NAME.
ApiCall get_policy(const std::string& service);
ApiCall set_policy(const std::string& service, const json::object& policy);

/// Whether everybody may invoke.
bool is_public(const json::object& policy);
/// The policy with or without that; everything else of it, its etag included, stays.
json::object with_public(json::object policy, bool open);

} // namespace pyfops::google::run_service
