// SPDX-License-Identifier: Apache-2.0
// The deployment host of an app (Kudu): one package goes up, its deployment is watched. No I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/json.hpp"

#include <string>

namespace pyfops::azure::scm {

ApiCall publish(const std::string& host, Bytes archive);
/// The id of the deployment; throws unavailable when the answer holds none.
std::string read_deployment_id(const HttpResponse& answer);
ApiCall get_deployment(const std::string& host, const std::string& id);
ApiCall get_log(const std::string& host, const std::string& id);

/// What an entry of the log leads to; `link` as details_link gives it.
ApiCall get_log_details(const std::string& host, const std::string& link);

enum class Status { cancelled = -1, pending = 0, building, deploying, failed, success, conflict, partial };
Status read_status(const json::value& deployment);
std::string text_of(Status status);
/// The last lines of a deployment's log, in one line.
std::string read_log(const json::value& log);
/// Where the reasons of a failure stand, as a path of the host that told it; "": nowhere else.
std::string details_link(const json::value& log);

} // namespace pyfops::azure::scm
