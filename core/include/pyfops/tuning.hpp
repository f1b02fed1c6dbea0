// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// What a memory size is chosen for.
enum class Objective {
    minimum, ///< the smallest size that passes
    cost,    ///< the cheapest call
    speed,   ///< the shortest one
    balanced ///< the least sum of price and duration, each as a part of its largest
};
PYFOPS_EXPORT std::string_view to_string(Objective objective) noexcept;

/// `tune:` of a function: how the size of `memory: auto` is found.
struct TuneSettings {
    Objective objective = Objective::minimum;
    std::optional<Milliseconds> max_duration; ///< of a call in the mean of the inputs; more does not pass
    int repeat = 1;     ///< goes through all inputs at a size, the majority counts; 1..100
    int sizes = 5;      ///< measured for an objective other than minimum; 2..20
    bool exact = false; ///< to the provider's own step instead of MemoryRule::tuning_step
};

/// One memory size, tried.
struct Probe {
    enum class Verdict {
        passed,    ///< every input
        too_small, ///< out of memory, killed, timed out, or too slow for max_duration
        wrong,     ///< another answer than expected
        refused,   ///< the cloud does not give that size
        unknown    ///< the platform failed every time
    };
    int memory_mb = 0;
    Verdict verdict = Verdict::passed;
    std::string reason;                ///< of what did not pass: one line
    std::optional<double> peak_mb;     ///< of the whole process, the largest
    std::optional<double> duration_ms; ///< of a call, in the weighted mean of the inputs
    std::optional<double> price_usd;   ///< of such a call; none: prices or duration are not known
    int calls = 0;
    bool doubtful = false; ///< it passed once and once it did not
};
PYFOPS_EXPORT std::string_view to_string(Probe::Verdict verdict) noexcept;

/// What a size gave: its duration and what a call costs at it.
struct CurvePoint {
    int memory_mb = 0;
    double duration_ms = 0;
    double price_usd = 0;
    bool pareto = false; ///< no other size is better in one and at least as good in the other
};

/// What tuning found for one deployment.
struct TuneReport {
    std::optional<int> minimum_mb;   ///< none: nothing passed, or nothing was tried
    int chosen_mb = 0;               ///< by the objective; what is deployed
    std::vector<Probe> probes;       ///< in their order
    std::vector<CurvePoint> curve;   ///< rising; empty for the objective minimum
    std::vector<std::string> doubts; ///< one sentence each
    std::string found_in;            ///< region whose search this one shares; "": its own
    bool known = false;              ///< from the record: nothing was tried
};

} // namespace pyfops
