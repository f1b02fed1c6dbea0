// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/pipeline.hpp"
#include "pyfops/tolerance.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// One place where two answers differ.
struct AnswerDifference {
    std::string path;               ///< JSON pointer; "" for the whole answer
    std::optional<json::value> one; ///< none: it is missing there
    std::optional<json::value> other;
};

/// Where two answers differ, at most `most` places. The order of keys does not count, nor 1 against 1.0, nor
/// numbers within the tolerance.
PYFOPS_EXPORT std::vector<AnswerDifference> differences(const json::value& one, const json::value& other,
                                                        const Tolerance& tolerance = {},
                                                        std::size_t most = 20);

/// Deployments that gave the same answer to an input.
struct AnswerGroup {
    json::value
        answer; ///< {"error": {"cause"}} for a function error, of an exception with "type" and "message"
    std::vector<FdIdentity> deployments;
};

/// An input to which a function did not give the same answer everywhere.
struct Disagreement {
    std::string function;
    std::string test;
    std::vector<AnswerGroup> groups;             ///< two or more; the one with most deployments first
    std::vector<AnswerDifference> against_first; ///< of the second group: {first, second}
};

/// What the answers of a run's deployments have not in common, per function and input, in the project's
/// order. Of repeated tests the last answer counts.
PYFOPS_EXPORT std::vector<Disagreement> disagreements(const RunReport& report,
                                                      const Tolerance& tolerance = {});

} // namespace pyfops
