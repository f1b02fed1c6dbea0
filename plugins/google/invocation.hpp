// SPDX-License-Identifier: Apache-2.0
// What an answer means that is the platform's own and not the function's. No I/O.
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/error.hpp"
#include "pyfops/http.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops::google {

/// 504: the request took longer than the function may.
std::optional<FunctionError> read_timeout(const HttpResponse& answer, int timeout_seconds);

/// Whether the log may tell why: the instance ended before it answered.
bool may_have_ended(int status);
/// "The server encountered an error ... Please try again in 30 seconds": Google's own page, before any
/// instance.
bool is_front_end_page(const HttpResponse& answer);

/// "Memory limit of 256 MiB exceeded with 263 MiB used", "Container called exit(3)", "Response size was too
/// large": why there is no answer, in the platform's words. nullopt when no line says so.
std::optional<FunctionError> read_ending(const std::vector<LogLine>& lines);

/// Anything else, with what to do.
Error platform_error(const HttpResponse& answer, const Deployment& deployment, const std::string& principal);

} // namespace pyfops::google
