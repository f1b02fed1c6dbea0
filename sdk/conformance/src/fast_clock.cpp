// SPDX-License-Identifier: Apache-2.0
#include "fast_clock.hpp"

#include <algorithm>

namespace pyfops::conformance {

SteadyTime FastClock::steady_now() const {
    return start_ + (real_clock().steady_now() - start_) * factor;
}

Task<void> FastClock::sleep(Milliseconds duration) {
    sleeps.push_back(duration);
    return real_clock().sleep(duration.count() <= 0 ? duration
                                                    : std::max(duration / factor, Milliseconds(1)));
}

} // namespace pyfops::conformance
