// SPDX-License-Identifier: Apache-2.0
// The contract of Acme Functions, version 1.
#pragma once

#include <string>

namespace acme {

/// Of an invocation whose function failed: "raised", "timeout", "memory" or "ended".
inline constexpr const char* function_error_header = "Acme-Function-Error";
inline constexpr const char* entry_handler = "_pyfops_acme.handler";
inline constexpr const char* entry_file = "_pyfops_acme.py";

inline std::string functions_path(const std::string& region) {
    return "/acme/v1/" + region + "/functions";
}
inline std::string function_path(const std::string& region, const std::string& name) {
    return functions_path(region) + "/" + name;
}

} // namespace acme
