// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pyfops::aws {

/// The REPORT line that Lambda writes after every invocation.
struct Report {
    std::string request_id;
    std::optional<double> duration_ms, billed_ms, init_ms, restore_ms;
    std::optional<int> memory_mb, used_mb;
    std::string status; ///< "timeout", "error"; "" when all went well
};

/// Of the last such line in a log tail; nullopt when there is none (the tail holds 4 KB).
std::optional<Report> parse_report(std::string_view log_tail);

} // namespace pyfops::aws
