// SPDX-License-Identifier: Apache-2.0
#include "pyfops/workers.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <mutex>

namespace pyfops {

namespace asio = boost::asio;

namespace {

/// Runs `work` on the pool, then hands its outcome to the handler on the handler's own executor, which is
/// kept busy meanwhile.
struct StartWork {
    template <class Handler>
    void operator()(Handler handler, asio::thread_pool* pool, std::function<void()> work) const {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        auto job = [handler = std::move(handler), guard = std::move(guard),
                    work = std::move(work)]() mutable {
            std::exception_ptr failure;
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            work = nullptr; // what it holds goes on the thread that used it
            const auto executor = guard.get_executor();
            // The loop may be gone once the handler has run: the guard goes with it, and it waits until this
            // thread has left `post`, which touches the loop after the handler is in it.
            const auto leaving = std::make_shared<std::mutex>();
            const std::lock_guard inside(*leaving);
            asio::post(executor, [handler = std::move(handler), failure = std::move(failure),
                                  held = std::move(guard), leaving]() mutable {
                leaving->lock();
                leaving->unlock();
                std::move(handler)(std::move(failure));
            });
        };
        asio::post(*pool, std::move(job));
    }
};

} // namespace

struct Workers::State {
    explicit State(unsigned threads) : pool(std::max(1u, threads)) {}
    asio::thread_pool pool;
};

Workers::Workers(unsigned threads) : state_(std::make_unique<State>(threads)) {}

Workers::~Workers() {
    state_->pool.stop();
    state_->pool.join();
}

Task<void> Workers::run(std::function<void()> work) {
    auto done = asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        StartWork{}, asio::use_awaitable, &state_->pool, std::move(work));
    co_await std::move(done);
}

} // namespace pyfops
