// SPDX-License-Identifier: Apache-2.0
#include "pyfops/tuning.hpp"

namespace pyfops {

std::string_view to_string(Objective objective) noexcept {
    switch (objective) {
    case Objective::minimum:
        return "minimum";
    case Objective::cost:
        return "cost";
    case Objective::speed:
        return "speed";
    case Objective::balanced:
        return "balanced";
    }
    return "minimum";
}

std::string_view to_string(Probe::Verdict verdict) noexcept {
    switch (verdict) {
    case Probe::Verdict::passed:
        return "passed";
    case Probe::Verdict::too_small:
        return "too small";
    case Probe::Verdict::wrong:
        return "wrong";
    case Probe::Verdict::refused:
        return "refused";
    case Probe::Verdict::unknown:
        return "unknown";
    }
    return "unknown";
}

} // namespace pyfops
