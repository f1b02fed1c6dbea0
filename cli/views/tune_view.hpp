// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"
#include "pyfops/pipeline.hpp"

#include <string>

namespace pyfops::cli {

/// The sizes that each search tried and what came of them, a line a size; "" when nothing was searched.
std::string tune_trails(const RunReport& report);

/// Member `tuning` of a deployment of pyfops.run/1.
json::object to_json(const TuneReport& tuning);

} // namespace pyfops::cli
