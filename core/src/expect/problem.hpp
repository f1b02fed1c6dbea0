// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/diagnostics.hpp"

#include <string>

namespace pyfops::expect {

/// What keeps an expectation from being one, seen before any answer.
struct Problem {
    std::string path; ///< JSON pointer into the expectation's value
    std::string summary;
    std::string hint;
    Severity severity = Severity::error;
};

} // namespace pyfops::expect
