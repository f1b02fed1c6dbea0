// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/export.hpp"
#include "pyfops/pipeline.hpp"
#include "pyfops/plugin_registry.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pyfops {

/// How an Engine is furnished; the defaults are those of the command line.
struct EngineOptions {
    System* system = nullptr;          ///< null: real_system()
    Clock* clock = nullptr;            ///< null: real_clock()
    Log* log = nullptr;                ///< null: null_log()
    Observer* observer = nullptr;      ///< null: null_observer()
    std::optional<std::uint64_t> seed; ///< of Random; none: from the machine
    std::map<std::string, std::string>
        overlay;                      ///< environment variables that replace or add (the emulator's)
    std::filesystem::path ca_bundle;  ///< further trusted certificates, PEM
    std::filesystem::path trace_http; ///< HAR file of every exchange, secrets removed; empty: none
    bool require_sandbox = false;     ///< refuse to run user code with less than the whole sandbox
};

/// The world of pyfOps in one object: event loop, HTTP client, workers, sandbox, plugins. One thread runs it;
/// `cancel` may be called from any thread and from a signal handler's thread.
class PYFOPS_EXPORT Engine {
  public:
    explicit Engine(EngineOptions options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    Host& host();
    PluginRegistry& plugins();

    /// Runs a task to its end on the calling thread and returns its result or throws its exception; after
    /// `cancel`, Error(cancelled) unless the task chose to end well.
    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        run_until_done(store_result(std::move(task), result));
        return std::move(*result);
    }
    void run(Task<void> task) { run_until_done(std::move(task)); }

    /// Asks the running task to stop; it ends soon and orderly. Safe from any thread; idempotent.
    void cancel() noexcept;
    bool cancelled() const noexcept;

  private:
    template <class T>
    static Task<void> store_result(Task<T> task, std::optional<T>& into) {
        into.emplace(co_await std::move(task));
    }
    void run_until_done(Task<void> task);
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops
