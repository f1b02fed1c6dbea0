// SPDX-License-Identifier: Apache-2.0
#include "refusal.hpp"

#include "pyfops/json.hpp"
#include "pyfops/runtimes.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops {

ExecutionResult refusal(std::string reason, const PythonRuntime& runtime, const std::string& wanted) {
    const auto suites = runtime_suites();
    const bool can_be_made =
        std::any_of(suites.begin(), suites.end(), [&](const auto& one) { return one.version == wanted; });
    if (runtime.version == wanted)
        reason += "; this machine is not like the runtime that was asked for";
    else if (can_be_made)
        reason +=
            fmt::format("; 'pyfops emulate --runtimes {0}' makes a Python {0}, which a local cloud that "
                        "is started after that uses",
                        wanted);
    else
        reason += fmt::format("; there is no Python {} here, and no Debian suite brings it", wanted);
    ExecutionResult result;
    result.outcome = ExecutionResult::Outcome::init_error;
    result.error_type = "Pyfops.UnfitWheel";
    result.body = json::serialize(json::object{
        {"errorMessage", reason}, {"errorType", result.error_type}, {"stackTrace", json::array{}}});
    result.content_type = "application/json";
    result.logs = reason + "\n";
    return result;
}

} // namespace pyfops
