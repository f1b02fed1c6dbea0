// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <map>
#include <string>

namespace pyfops::alibaba {

/// `providers.alibaba` of the project file.
struct Settings {
    std::string http_trigger = "anonymous"; ///< or "function", "none"
    std::string cpu;                        ///< "1:2"; empty: the usual ratio
    int disk = 512;                         ///< MB
    std::string role;                       ///< ARN; empty: the functions have none
    std::string profile;
    std::string account_id;
    std::string bucket; ///< for packages above the inline limit; empty: one is made when needed
    std::string log_project, log_store;
    std::string endpoint;
    std::map<std::string, std::string> tags;

    bool has_trigger() const { return http_trigger != "none"; }
    bool has_logs() const { return !log_project.empty() && !log_store.empty(); }
};

/// Members of the wrong type are left at their default: validation has reported them.
Settings read_settings(const json::object& settings);

} // namespace pyfops::alibaba
