// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/afcl.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops::afcl {

/// A function deployment that is deployed and has a link.
struct Candidate {
    std::string name;
    std::string type;
    std::string provider; ///< as the database writes it
    std::string region;   ///< likewise
    int memory_mb = 0;
    std::string link;
    std::optional<double> round_trip_ms, cost_usd;

    /// "AWS_eu-central-1_512"
    std::string deployment() const;
};

std::vector<Candidate> candidates(const AfclTables& tables);

/// The one for a function type, or why there is none.
struct Choice {
    const Candidate* candidate = nullptr;
    bool absent = false; ///< nothing fits: a workflow may be bound in part
    std::string code, problem, hint;
};
Choice choose(const std::vector<Candidate>& all, const std::string& type, const BindingChoice& by);

} // namespace pyfops::afcl
