// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

/// One thing that `doctor` looked at.
struct Check {
    enum class State { good, note, problem };
    std::string area; ///< "sandbox"
    State state = State::good;
    std::string text;
    std::string hint = {};
};

std::string doctor_text(const std::vector<Check>& checks, const StreamTraits& out);
/// pyfops.doctor/1
json::object doctor_json(const std::vector<Check>& checks);
bool has_problem(const std::vector<Check>& checks);

} // namespace pyfops::cli
