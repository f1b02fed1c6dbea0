// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/testing/fake_clock.hpp"
#include "pyfops/testing/fake_http.hpp"
#include "pyfops/testing/fake_packages.hpp"
#include "pyfops/testing/fake_processes.hpp"
#include "pyfops/testing/fake_sandbox.hpp"
#include "pyfops/testing/fake_system.hpp"
#include "pyfops/testing/recording_observer.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pyfops::testing {

/// Keeps every message, of all levels. Thread-safe.
class RecordingLog final : public Log {
  public:
    bool enabled(LogLevel) const noexcept override { return true; }
    void write(LogLevel level, std::string_view message) noexcept override;
    std::string text() const;

  private:
    mutable std::mutex mutex_;
    std::string text_;
};

/// A whole world of fakes, and a loop that drives tasks to their end. Not thread-safe.
class FakeHost {
  public:
    FakeHost();

    FakeClock clock;
    FakeHttp http;
    FakeSystem system;
    FakeProcesses processes;
    FakeSandbox sandbox;
    FakePackages packages;
    RecordingObserver observer;
    RecordingLog log;
    SeededRandom random{1};
    Limiter limiter;
    Workers workers;
    Host host;

    /// A context with that much time (virtual), about "function" on "provider/region".
    StageContext context(Milliseconds time = std::chrono::minutes(10), Subject subject = {});

    /// Runs a task to its end and returns its result or throws its exception. Throws Error(internal) when
    /// nothing happens for a minute.
    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        drive(store(std::move(task), result));
        return std::move(*result);
    }
    void run(Task<void> task) { drive(std::move(task)); }
    /// Runs them all at the same time; the first failure is thrown when all have ended.
    void run_all(std::vector<Task<void>> tasks);
    /// Cancels the task as soon as `when` is true; checked whenever the loop turns.
    void run_cancelling(Task<void> task, std::function<bool()> when);

  private:
    template <class T>
    static Task<void> store(Task<T> task, std::optional<T>& into) {
        into.emplace(co_await std::move(task));
    }
    void drive(std::vector<Task<void>> tasks, std::function<bool()> cancel_when = {});
    void drive(Task<void> task, std::function<bool()> cancel_when = {});
};

} // namespace pyfops::testing
