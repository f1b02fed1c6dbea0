// SPDX-License-Identifier: Apache-2.0
// Lambda's answer to an invocation, as pyfOps says it. No I/O.
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/http.hpp"

namespace pyfops::aws {

/// Output or function error, with what the REPORT line and the wrapper measured. Throws unavailable for an
/// answer that is not JSON, conflict when a probe call was answered by something that does not know its key.
Invocation read_invocation(const HttpResponse& answer, bool probe);

} // namespace pyfops::aws
