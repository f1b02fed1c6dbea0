// SPDX-License-Identifier: Apache-2.0
// Simple Log Service (0.6.0): what functions printed, where they log to a Logstore. Requests and answers, no
// I/O.
#pragma once

#include "api_call.hpp"
#include "pyfops/deployment.hpp"
#include "pyfops/json.hpp"

#include <string>
#include <vector>

namespace pyfops::alibaba::sls {

inline constexpr int page_lines = 100; ///< most that one answer has

/// Lines of a function in [from, to), from the `offset`-th on.
ApiCall get_logs(const std::string& project, const std::string& store, const std::string& function,
                 SystemTime from, SystemTime to, int offset, int lines);

struct Page {
    std::vector<LogLine> lines;
    bool complete = false; ///< false: the same question again may give more
};
/// Lines of other functions, which a Logstore without an index may give, are left out of `lines`; `received`
/// counts all.
Page read_page(const HttpResponse& answer, const std::string& function, int& received);

} // namespace pyfops::alibaba::sls
