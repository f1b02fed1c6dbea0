// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace pyfops {

/// Children that run side by side and are all waited for. A child must not throw: what it has to say it
/// stores. Used from the engine's thread; `join` must be awaited before the group goes.
class TaskGroup {
  public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(Task<void> child);
    /// Returns when every child ended. Cancelling it cancels the children, and still waits for them.
    Task<void> join();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace pyfops
