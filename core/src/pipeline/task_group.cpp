// SPDX-License-Identifier: Apache-2.0
#include "pipeline/task_group.hpp"

#include "base/task_cancellation.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
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
    std::list<std::shared_ptr<TaskCancellation>> children;
    std::size_t running = 0;
    bool cancelled = false;

    std::exception_ptr failure; ///< the first

    void cancel_children() {
        cancelled = true;
        for (const auto& child : children)
            child->emit();
    }
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}
TaskGroup::~TaskGroup() = default;

namespace {

/// Late children of a cancelled group start, and are cancelled at once: what they have to say they say.
Task<void> run_child(std::shared_ptr<TaskCancellation> child, const bool& cancelled, Task<void> work) {
    child->begin();
    if (cancelled) asio::post(co_await asio::this_coro::executor, [child] { child->emit(); });
    co_await std::move(work);
}

} // namespace

void TaskGroup::spawn(Task<void> work) {
    auto state = state_;
    auto child = std::make_shared<TaskCancellation>();
    const auto place = state->children.insert(state->children.end(), child);
    ++state->running;
    auto done = [state, place](std::exception_ptr failure) {
        if (failure && !state->failure) state->failure = failure;
        state->children.erase(place);
        if (--state->running == 0) state->all_done.cancel();
    };
    asio::co_spawn(state->all_done.get_executor(), run_child(child, state->cancelled, std::move(work)),
                   asio::bind_cancellation_slot(child->slot(), std::move(done)));
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
    if (state->failure && !state->cancelled) std::rethrow_exception(state->failure);
}

} // namespace pyfops
