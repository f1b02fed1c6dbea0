// SPDX-License-Identifier: Apache-2.0
#include "pyfops/single_flight.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <vector>

namespace pyfops {

namespace asio = boost::asio;

struct Gate::State {
    bool open = false;
    std::vector<asio::steady_timer*> waiting;
};

Gate::Gate() : state_(std::make_shared<State>()) {}
Gate::~Gate() = default;

void Gate::open() {
    state_->open = true;
    for (asio::steady_timer* timer : state_->waiting)
        timer->cancel();
}

Task<void> Gate::wait() {
    const std::shared_ptr<State> state = state_;
    if (state->open) co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    struct Place {
        State& state;
        asio::steady_timer* timer;
        ~Place() { std::erase(state.waiting, timer); }
    };
    const Place place{*state, &timer};
    state->waiting.push_back(&timer);
    boost::system::error_code ended; // always: cancelled, by `open` or with the task
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    if (!state->open) throw Error(ErrorKind::cancelled, "cancelled while waiting");
}

} // namespace pyfops
