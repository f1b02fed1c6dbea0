// SPDX-License-Identifier: Apache-2.0
#include "pyfops/limiter.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <map>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;

namespace {

/// A task that stands in the queue. Its timer never expires: it is the bell that calls the task in.
struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : bell(executor, SteadyTime::max()) {}
    asio::steady_timer bell;
    bool called = false;
};

} // namespace

struct SemaphoreState {
    int free = 0;
    std::list<Waiter*> queue;

    /// A place that comes free goes straight to the first in the queue: nobody can slip in between.
    void give_back() {
        if (queue.empty()) {
            ++free;
            return;
        }
        Waiter* next = queue.front();
        queue.pop_front();
        next->called = true;
        next->bell.cancel();
    }
};

namespace {

/// Leaves the queue on every way out, a destroyed coroutine included.
struct InQueue {
    SemaphoreState& state;
    Waiter& waiter;
    InQueue(SemaphoreState& in, Waiter& who) : state(in), waiter(who) { state.queue.push_back(&who); }
    InQueue(const InQueue&) = delete;
    InQueue& operator=(const InQueue&) = delete;
    ~InQueue() {
        if (!waiter.called) state.queue.remove(&waiter);
    }
};

} // namespace

Semaphore::Place::Place(Place&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Semaphore::Place& Semaphore::Place::operator=(Place&& other) noexcept {
    if (this != &other) {
        if (state_) state_->give_back();
        state_ = std::exchange(other.state_, nullptr);
    }
    return *this;
}

Semaphore::Place::~Place() {
    if (state_) state_->give_back();
}

Semaphore::Semaphore(int places) : state_(std::make_shared<SemaphoreState>()) {
    state_->free = std::max(1, places);
}

Semaphore::~Semaphore() = default;

Task<Semaphore::Place> Semaphore::enter() {
    const std::shared_ptr<SemaphoreState> state = state_;
    Place place;
    if (state->free > 0) {
        --state->free;
        place.state_ = state;
        co_return place;
    }
    Waiter waiter(co_await asio::this_coro::executor);
    {
        const InQueue standing(*state, waiter);
        co_await waiter.bell.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (!waiter.called) throw Error(ErrorKind::cancelled, "cancelled while waiting for a free place");
    place.state_ = state;
    co_return place;
}

namespace {

struct Bucket {
    Limiter::Rate rate;
    double tokens = 0;
    SteadyTime filled{};
    SteadyTime held = SteadyTime::min();
    Semaphore turn; ///< one task at a time waits for the next token; the others stand behind it in order

    explicit Bucket(Clock& clock) : filled(clock.steady_now()), turn(1) {}

    void refill(SteadyTime now) {
        const std::chrono::duration<double> passed = now - filled;
        filled = now;
        tokens = std::min<double>(rate.burst, tokens + passed.count() * rate.per_second);
    }

    /// Takes a token, or says how long to wait before asking again.
    Milliseconds take(SteadyTime now) {
        if (now < held) return std::chrono::ceil<Milliseconds>(held - now);
        if (rate.per_second <= 0) return Milliseconds::zero();
        refill(now);
        // A hair of slack: sums of fractions must not cost another millisecond.
        if (tokens >= 1 - 1e-9) {
            tokens = std::max(0.0, tokens - 1);
            return Milliseconds::zero();
        }
        const double wait = std::ceil((1 - tokens) / rate.per_second * 1000 - 1e-6);
        return Milliseconds(std::max<long long>(1, static_cast<long long>(std::min(wait, 1e12))));
    }
};

} // namespace

struct Limiter::State {
    explicit State(Clock& with) : clock(with) {}
    Clock& clock;
    std::map<std::string, std::shared_ptr<Bucket>> buckets;

    std::shared_ptr<Bucket> bucket(const std::string& key) {
        std::shared_ptr<Bucket>& found = buckets[key];
        if (!found) found = std::make_shared<Bucket>(clock);
        return found;
    }
};

Limiter::Limiter(Clock& clock) : state_(std::make_unique<State>(clock)) {}
Limiter::~Limiter() = default;

void Limiter::set_rate(const std::string& key, Rate rate) {
    const std::shared_ptr<Bucket> bucket = state_->bucket(key);
    const bool first = bucket->rate.per_second <= 0;
    bucket->refill(state_->clock.steady_now());
    rate.burst = std::max(1, rate.burst);
    bucket->rate = rate;
    bucket->tokens = first ? rate.burst : std::min<double>(bucket->tokens, rate.burst);
}

void Limiter::hold(const std::string& key, SteadyTime until) {
    const std::shared_ptr<Bucket> bucket = state_->bucket(key);
    bucket->held = std::max(bucket->held, until);
}

Task<void> Limiter::acquire(std::string key, Deadline deadline) {
    const auto found = state_->buckets.find(key);
    if (found == state_->buckets.end()) co_return;
    Clock& clock = state_->clock;
    const std::shared_ptr<Bucket> bucket = found->second;
    auto queue = bucket->turn.enter();
    const Semaphore::Place turn = co_await std::move(queue);
    for (;;) {
        const Milliseconds wait = bucket->take(clock.steady_now());
        if (wait == Milliseconds::zero()) co_return;
        if (wait > deadline.left(clock))
            throw Error(ErrorKind::timeout,
                        fmt::format("the request limit of {} leaves no room before the deadline", key))
                .hint("allow more time, or run fewer deployments at once (-j)");
        auto nap = clock.sleep(wait);
        co_await std::move(nap);
    }
}

} // namespace pyfops
