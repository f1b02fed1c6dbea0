// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"

#include <atomic>
#include <set>
#include <vector>

namespace pyfops::testing {

/// Virtual time: a sleep takes none, moves the clock on and completes. Several sleepers wake in the order of
/// their times, so concurrent waits overlap as they would. `advance` may be called from any thread.
class FakeClock final : public Clock {
  public:
    explicit FakeClock(SystemTime now = from_iso8601("2026-11-23T00:00:00Z"));

    SteadyTime steady_now() const override;
    SystemTime system_now() const override;
    Task<void> sleep(Milliseconds duration) override;

    void advance(Milliseconds duration) { elapsed_ += duration.count(); }
    /// Moves the wall clock alone: a machine whose clock is wrong.
    void set_system_time(SystemTime now);
    /// Every sleep asked for, in order.
    const std::vector<Milliseconds>& sleeps() const { return sleeps_; }

  private:
    std::atomic<std::int64_t> elapsed_{0}; ///< ms since the beginning
    std::atomic<std::int64_t> origin_;     ///< system time at the beginning, ms
    std::multiset<std::int64_t> wakes_;
    std::vector<Milliseconds> sleeps_;
};

} // namespace pyfops::testing
