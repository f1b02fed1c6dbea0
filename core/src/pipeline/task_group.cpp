// SPDX-License-Identifier: Apache-2.0
#include "pipeline/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <list>

namespace pyfops {

namespace asio = boost::asio;

struct TaskGroup::State {
    explicit State(const asio::any_io_executor& executor)
        : all_done(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer all_done; ///< never expires; cancelled when the last child ended
    std::list<asio::cancellation_signal> signals;
    std::size_t running = 0;
    bool cancelled = false;

    void cancel_children() {
        cancelled = true;
        for (auto& signal : signals)
            signal.emit(asio::cancellation_type::terminal);
    }
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}
TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(Task<void> child) {
    auto state = state_;
    const auto signal = state->signals.emplace(state->signals.end());
    ++state->running;
    auto done = [state, signal](std::exception_ptr) {
        state->signals.erase(signal);
        if (--state->running == 0) state->all_done.cancel();
    };
    asio::co_spawn(state->all_done.get_executor(), std::move(child),
                   asio::bind_cancellation_slot(signal->slot(), std::move(done)));
    if (state->cancelled) signal->emit(asio::cancellation_type::terminal);
}

Task<void> TaskGroup::join() {
    auto state = state_;
    co_await asio::this_coro::throw_if_cancelled(false);
    while (state->running > 0) {
        co_await state->all_done.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none && state->running > 0) {
            state->cancel_children();
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        }
    }
}

} // namespace pyfops
