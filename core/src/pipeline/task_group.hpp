// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace pyfops {

/// Children that run side by side and are all waited for. What a child has to say it stores: an exception
/// is a defect, and stops what waits for the group. Used from the engine's thread; `join` must be awaited
/// before the group goes.
class TaskGroup {
  public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(Task<void> child);
    /// Returns when every child ended; rethrows the first exception that one of them let out. Cancelling it
    /// cancels the children, and still waits for them.
    Task<void> join();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace pyfops
