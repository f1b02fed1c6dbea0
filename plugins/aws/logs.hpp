// SPDX-License-Identifier: Apache-2.0
// CloudWatch Logs (JSON 1.1, 2014-03-28): what functions printed. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/deployment.hpp"

#include <string>
#include <vector>

namespace pyfops::aws::logs {

std::string group_of(const std::string& function);
ApiCall filter_events(const std::string& group, SystemTime since, const std::string& next_token);
ApiCall delete_group(const std::string& group);

struct Page {
    std::vector<LogLine> lines;
    std::string next_token; ///< an empty page with a token is normal: go on until there is none
};
Page read_page(const json::value& answer);

} // namespace pyfops::aws::logs
