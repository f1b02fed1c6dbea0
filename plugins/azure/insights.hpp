// SPDX-License-Identifier: Apache-2.0
// Application Insights: what functions printed and how they failed. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/deployment.hpp"
#include "pyfops/json.hpp"

#include <string>
#include <vector>

namespace pyfops::azure::insights {

/// What one app logged, oldest first.
ApiCall query(const std::string& host, const std::string& application, const std::string& app,
              SystemTime since, int limit);
/// The first table, by the columns "timestamp" and "message".
std::vector<LogLine> read_lines(const json::value& answer);

} // namespace pyfops::azure::insights
