// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_clock.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pyfops::testing {

namespace asio = boost::asio;

namespace {

std::int64_t since_epoch(SystemTime time) {
    return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}

} // namespace

FakeClock::FakeClock(SystemTime now) : origin_(since_epoch(now)) {}

SteadyTime FakeClock::steady_now() const {
    return SteadyTime(std::chrono::hours(1)) + Milliseconds(elapsed_);
}

SystemTime FakeClock::system_now() const {
    return SystemTime(Milliseconds(origin_ + elapsed_));
}

void FakeClock::set_system_time(SystemTime now) {
    origin_ = since_epoch(now) - elapsed_;
}

Task<void> FakeClock::sleep(Milliseconds duration) {
    sleeps_.push_back(duration);
    const std::int64_t wake = elapsed_ + duration.count();
    struct Registration {
        std::multiset<std::int64_t>& wakes;
        std::multiset<std::int64_t>::iterator place;
        ~Registration() { wakes.erase(place); }
    };
    const Registration registration{wakes_, wakes_.insert(wake)};
    // A few turns first: what is runnable now runs before time moves.
    for (int turn = 0;; ++turn) {
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw Error(ErrorKind::cancelled, "cancelled while waiting");
        if (elapsed_ >= wake) break;
        if (turn >= 4 && *wakes_.begin() == wake) {
            elapsed_ = wake;
            break;
        }
        auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }
}

} // namespace pyfops::testing
