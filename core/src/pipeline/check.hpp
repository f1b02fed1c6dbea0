// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/handler_check.hpp"

#include <string>

namespace pyfops {

/// "thumbnail.py:12: there is no 'handler'"
std::string describe(const HandlerProblem& problem);

} // namespace pyfops
