// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/instances.hpp"
#include "pyfops/sandbox.hpp"

#include <string>

namespace pyfops {

/// What a function answers whose package cannot run on the interpreter that there is: it is not started.
ExecutionResult refusal(std::string reason, const PythonRuntime& runtime, const std::string& wanted);

} // namespace pyfops
