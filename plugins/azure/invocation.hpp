// SPDX-License-Identifier: Apache-2.0
// A function app's answer to an invocation, as pyfOps says it. No I/O.
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/http.hpp"
#include "pyfops/retry.hpp"

#include <string>

namespace pyfops::azure {

/// What the platform, not the function, answers: no key, no route, too much, not ready.
Verdict judge_invocation(const HttpResponse& answer, const std::string& app);

/// An answer that judge_invocation let pass: output or function error. Azure says nothing but 500 when the
/// process of a function ended or took too long; `round_trip` tells which.
Invocation read_invocation(const HttpResponse& answer, bool probe, Milliseconds round_trip,
                           int timeout_seconds);

} // namespace pyfops::azure
