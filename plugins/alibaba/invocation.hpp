// SPDX-License-Identifier: Apache-2.0
// Function Compute's answer to an invocation, as pyfOps says it. No I/O.
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/http.hpp"

namespace pyfops::alibaba {

/// Output or function error, with what the headers and the wrapper measured. A failed function answers status
/// 200 as well: X-Fc-Error-Type tells. `memory_mb`: what the function has; a process that ended when it used
/// all of that ran out of memory, which Function Compute does not say. Throws unavailable for an answer that
/// is not JSON, conflict when a probe call was answered by something that does not know its key.
Invocation read_invocation(const HttpResponse& answer, bool probe, int memory_mb);

} // namespace pyfops::alibaba
