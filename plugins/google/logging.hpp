// SPDX-License-Identifier: Apache-2.0
// Cloud Logging, version 2: what functions printed and what the platform says of them. Requests and answers,
// no I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/deployment.hpp"

#include <string>
#include <vector>

namespace pyfops::google::logging {

/// Whose log entries, and since when.
struct Query {
    std::string project, region, service;
    SystemTime since;
    bool platform_only = false; ///< what the platform says, without the function's own lines
};

/// Newest first.
ApiCall list_entries(const Query& query, int limit, const std::string& page_token);

struct Page {
    std::vector<LogLine> lines;
    std::string next_token;
};
Page read_page(const json::value& answer);

} // namespace pyfops::google::logging
