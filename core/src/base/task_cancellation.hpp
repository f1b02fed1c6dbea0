// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/cancellation_signal.hpp>

namespace pyfops {

/// Cancels a spawned task, and only once it has begun: a signal that comes before the first step would end
/// the event loop instead of the task (Asio 1.24). Used from the loop's thread.
class TaskCancellation {
  public:
    /// To be bound to the handler of a task that has not begun.
    boost::asio::cancellation_slot slot() noexcept {
        begun_ = false;
        return signal_.slot();
    }
    /// The task's first step.
    void begin() noexcept { begun_ = true; }
    /// Without effect before `begin`: the task must look by itself whether it was cancelled meanwhile.
    void emit() {
        if (begun_) signal_.emit(boost::asio::cancellation_type::terminal);
    }

  private:
    boost::asio::cancellation_signal signal_;
    bool begun_ = false;
};

} // namespace pyfops
