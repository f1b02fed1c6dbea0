// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"

#include <vector>

namespace pyfops::conformance {

/// A clock that runs faster than the machine's: waits take a part of their time while a real cloud works
/// beside them. The time of day stays true (signatures carry it) but for `offset`.
class FastClock final : public Clock {
  public:
    static constexpr int factor = 20;

    SteadyTime steady_now() const override;
    SystemTime system_now() const override { return real_clock().system_now() + offset; }
    Task<void> sleep(Milliseconds duration) override;

    Milliseconds offset{};            ///< a machine whose clock is wrong
    std::vector<Milliseconds> sleeps; ///< all that were asked for

  private:
    SteadyTime start_ = real_clock().steady_now();
};

} // namespace pyfops::conformance
