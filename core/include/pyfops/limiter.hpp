// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <memory>
#include <string>

namespace pyfops {

/// Rate and concurrency limits by key, fair in order of arrival. Used from the engine's thread.
class PYFOPS_EXPORT Limiter {
  public:
    explicit Limiter(Clock& clock);
    ~Limiter();
    Limiter(const Limiter&) = delete;
    Limiter& operator=(const Limiter&) = delete;

    struct Rate {
        double per_second = 0; ///< 0: unlimited
        int burst = 1;
    };
    /// Sets the rate of a key; takes effect for the next `acquire`.
    void set_rate(const std::string& key, Rate rate);
    /// Waits for a token of that key. Unknown keys are unlimited. Throws Error(timeout) instead of a wait
    /// that would pass the deadline, Error(cancelled).
    Task<void> acquire(std::string key, Deadline deadline = {});
    /// After a throttling answer: nothing of this key starts before `until`.
    void hold(const std::string& key, SteadyTime until);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// At most N at a time. Used from the engine's thread.
class PYFOPS_EXPORT Semaphore {
  public:
    explicit Semaphore(int places);
    ~Semaphore();
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;
    /// A place, given back by the returned guard's destructor.
    class PYFOPS_EXPORT Place {
      public:
        Place() = default;
        Place(Place&&) noexcept;
        Place& operator=(Place&&) noexcept;
        ~Place();

      private:
        friend class Semaphore;
        std::shared_ptr<struct SemaphoreState> state_;
    };
    Task<Place> enter();

  private:
    std::shared_ptr<struct SemaphoreState> state_;
};

} // namespace pyfops
