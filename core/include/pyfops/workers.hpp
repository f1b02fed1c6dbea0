// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace pyfops {

/// A small thread pool for what blocks: files, archives, the database. The calling task is resumed on the
/// engine's thread. Thread-safe.
class PYFOPS_EXPORT Workers {
  public:
    explicit Workers(unsigned threads);
    ~Workers(); ///< waits for what has started
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// Runs `work` on a pool thread and awaits it; its exception comes out here. Cancellation of the task is
    /// noticed after the work is done.
    Task<void> run(std::function<void()> work);

    /// As `run`, with a result. `work` must be copyable.
    template <class F>
    Task<std::invoke_result_t<F>> call(F work) {
        std::optional<std::invoke_result_t<F>> result;
        std::function<void()> job = [&result, &work] { result.emplace(work()); };
        co_await run(std::move(job));
        co_return std::move(*result);
    }

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops
