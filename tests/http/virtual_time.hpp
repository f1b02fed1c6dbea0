// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <map>
#include <optional>

namespace pyfops::test {

/// Time that stands still while anything can run and then leaps to the next sleeper.
class VirtualClock final : public Clock {
  public:
    SteadyTime steady_now() const override { return SteadyTime(std::chrono::hours(1)) + passed_; }
    SystemTime system_now() const override {
        return SystemTime(std::chrono::seconds(1'800'000'000)) + passed_;
    }
    Task<void> sleep(Milliseconds duration) override {
        boost::asio::steady_timer bell(co_await boost::asio::this_coro::executor, SteadyTime::max());
        const auto place = sleepers_.emplace(passed_ + duration, &bell);
        co_await bell.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (woken_ == &bell) {
            woken_ = nullptr;
            co_return;
        }
        sleepers_.erase(place);
        throw Error(ErrorKind::cancelled, "cancelled while waiting");
    }
    Milliseconds passed() const { return passed_; }

    /// Runs until nothing is left to do.
    void run(boost::asio::io_context& context) {
        for (;;) {
            context.restart();
            while (context.poll_one() != 0) {
            }
            if (sleepers_.empty()) return;
            const auto next = sleepers_.begin();
            passed_ = std::max(passed_, next->first);
            woken_ = next->second;
            sleepers_.erase(next);
            woken_->cancel();
        }
    }

  private:
    Milliseconds passed_{0};
    std::multimap<Milliseconds, boost::asio::steady_timer*> sleepers_;
    boost::asio::steady_timer* woken_ = nullptr;
};

/// Runs one task in virtual time; returns its result or throws what it threw.
template <class T>
T run(VirtualClock& clock, Task<T> task) {
    boost::asio::io_context context;
    std::exception_ptr failure;
    bool done = false;
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown) {
            failure = thrown;
            done = true;
        });
        clock.run(context);
    } else {
        std::optional<T> result;
        boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
            failure = thrown;
            result.emplace(std::move(value));
            done = true;
        });
        clock.run(context);
        if (failure) std::rethrow_exception(failure);
        if (!done) throw Error(ErrorKind::internal, "the task hangs");
        return std::move(*result);
    }
    if (failure) std::rethrow_exception(failure);
    if (!done) throw Error(ErrorKind::internal, "the task hangs");
}

} // namespace pyfops::test
