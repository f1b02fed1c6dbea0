// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/json.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pyfops {

/// What is to go wrong, and how the emulated cloud behaves otherwise (docs/emulator.md has the format).
/// Deterministic: the same plan and the same order of requests give the same faults.
class PYFOPS_EXPORT FaultPlan {
  public:
    /// No faults, no settings.
    FaultPlan() = default;
    /// Throws Error(invalid_input) that names the member, for unknown members as well.
    explicit FaultPlan(const json::object& plan);

    struct Failure {
        int status = 500;
        std::string code; ///< the provider's error code; "": the face's choice for that status
        std::optional<int> retry_after;
    };
    /// What happens to one request. Several rules may match: latencies add up, the first failure wins.
    struct Decision {
        Milliseconds latency{};
        std::optional<Failure> failure; ///< instead of acting
        bool drop_before = false;       ///< close the connection without acting
        bool drop_after = false;        ///< act, then close the connection
        bool hold_before = false;       ///< wait for a release before acting
        bool hold_after = false;        ///< act, then wait for a release before answering
    };
    /// To be called once for every request, in order of arrival.
    Decision decide(std::string_view operation);
    /// Whether the body of a request of that operation is read at all: asked once, when only its head is
    /// here.
    bool admits(std::string_view operation);

    std::optional<json::value> setting(std::string_view name) const;
    /// The plan as it was given, with how often each rule was asked and applied.
    json::object report() const;

  private:
    struct Rule {
        std::string operation = "*"; ///< '*' matches any run of characters
        std::set<std::uint64_t> nth; ///< of the requests that match; empty: all
        double probability = 1;
        std::uint64_t times = 0; ///< 0: no limit
        std::string action;
        enum class When { before, during, after } when = When::before;
        Milliseconds latency{};
        Failure failure;
        std::uint64_t seen = 0;
        std::uint64_t applied = 0;
    };
    static Rule parse_rule(const json::value& value, std::size_t index);
    bool due(Rule& rule, std::string_view operation);
    static void apply(const Rule& rule, Decision& decision);

    json::object plan_;
    json::object settings_;
    std::vector<Rule> rules_;
    std::optional<SeededRandom> random_;
};

} // namespace pyfops
