// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"
#include "pyfops/limiter.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pyfops;
using pyfops::testing::FakeClock;
using pyfops::testing::FakeHost;
namespace asio = boost::asio;

namespace {

long long passed(const Clock& clock) {
    return std::chrono::duration_cast<Milliseconds>(clock.steady_now() - FakeClock().steady_now()).count();
}

Task<void> take_and_note(Limiter& limiter, FakeClock& clock, std::string key, int who,
                         std::vector<std::pair<int, long long>>& order) {
    auto turn = limiter.acquire(key);
    co_await std::move(turn);
    order.emplace_back(who, passed(clock));
}

Task<void> hold_place(Semaphore& semaphore, FakeClock& clock, int who, Milliseconds how_long, int& inside,
                      int& most, std::vector<int>& order) {
    auto entering = semaphore.enter();
    const Semaphore::Place place = co_await std::move(entering);
    order.push_back(who);
    most = std::max(most, ++inside);
    auto nap = clock.sleep(how_long);
    co_await std::move(nap);
    --inside;
}

} // namespace

TEST_CASE("a limiter serves in order of arrival at its rate") {
    FakeClock clock;
    Limiter limiter(clock);
    limiter.set_rate("aws", {10, 3});
    asio::io_context context;
    std::vector<std::pair<int, long long>> order;
    for (int who = 0; who < 23; ++who)
        asio::co_spawn(context, take_and_note(limiter, clock, "aws", who, order), asio::detached);
    context.run();
    REQUIRE(order.size() == 23);
    for (int who = 0; who < 23; ++who) {
        const auto at = static_cast<std::size_t>(who);
        CHECK(order[at].first == who);
        CHECK(order[at].second == std::max(0, (who - 2) * 100)); // three at once, then one every 100 ms
    }
}

TEST_CASE("limits of different keys do not touch each other and unknown keys are free") {
    FakeClock clock;
    Limiter limiter(clock);
    limiter.set_rate("slow", {1, 1});
    asio::io_context context;
    std::vector<std::pair<int, long long>> order;
    for (int who = 0; who < 3; ++who)
        asio::co_spawn(context, take_and_note(limiter, clock, "slow", who, order), asio::detached);
    for (int who = 10; who < 20; ++who)
        asio::co_spawn(context, take_and_note(limiter, clock, "free", who, order), asio::detached);
    context.run();
    REQUIRE(order.size() == 13);
    CHECK(order.back() == std::pair<int, long long>(2, 2000));
    for (const auto& [who, at] : order)
        if (who >= 10) CHECK(at == 0);
}

TEST_CASE("nothing of a held key starts before its time and the order stays") {
    FakeClock clock;
    Limiter limiter(clock);
    limiter.set_rate("aws", {1000, 1});
    limiter.hold("aws", clock.steady_now() + Milliseconds(5000));
    limiter.hold("aws", clock.steady_now() + Milliseconds(3000)); // a shorter one does not shorten it
    asio::io_context context;
    std::vector<std::pair<int, long long>> order;
    for (int who = 0; who < 5; ++who)
        asio::co_spawn(context, take_and_note(limiter, clock, "aws", who, order), asio::detached);
    context.run();
    REQUIRE(order.size() == 5);
    for (int who = 0; who < 5; ++who) {
        CHECK(order[static_cast<std::size_t>(who)].first == who);
        CHECK(order[static_cast<std::size_t>(who)].second >= 5000);
    }
}

TEST_CASE("a limiter refuses a wait that would pass the deadline") {
    FakeHost host;
    FakeClock& clock = host.clock;
    Limiter& limiter = host.limiter;
    limiter.hold("aws", clock.steady_now() + Milliseconds(5000));
    CHECK_THROWS_AS(host.run(limiter.acquire("aws", Deadline::after(clock, Milliseconds(4999)))), Error);
    CHECK(passed(clock) == 0);
    host.run(limiter.acquire("aws", Deadline::after(clock, Milliseconds(5000))));
    CHECK(passed(clock) == 5000);
}

TEST_CASE("a semaphore admits as many as it has places in order of arrival") {
    FakeClock clock;
    Semaphore semaphore(3);
    asio::io_context context;
    int inside = 0, most = 0;
    std::vector<int> order;
    for (int who = 0; who < 20; ++who)
        asio::co_spawn(context,
                       hold_place(semaphore, clock, who, Milliseconds(10 + who % 7), inside, most, order),
                       asio::detached);
    context.run();
    CHECK(inside == 0);
    CHECK(most == 3);
    REQUIRE(order.size() == 20);
    for (int who = 0; who < 20; ++who)
        CHECK(order[static_cast<std::size_t>(who)] == who);
}

TEST_CASE("one who gives up waiting for a place holds up nobody") {
    FakeClock clock;
    Semaphore semaphore(1);
    asio::io_context context;
    int inside = 0, most = 0;
    std::vector<int> order;
    asio::cancellation_signal stop;
    asio::co_spawn(context, hold_place(semaphore, clock, 0, Milliseconds(10), inside, most, order),
                   asio::detached);
    std::optional<ErrorKind> outcome;
    asio::co_spawn(context, hold_place(semaphore, clock, 1, Milliseconds(10), inside, most, order),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) {
                       if (failure) outcome = to_error(failure).kind();
                   }));
    asio::co_spawn(context, hold_place(semaphore, clock, 2, Milliseconds(10), inside, most, order),
                   asio::detached);
    asio::post(context, [&] { stop.emit(asio::cancellation_type::terminal); });
    context.run();
    CHECK(order == std::vector<int>{0, 2});
    CHECK(outcome == ErrorKind::cancelled);
    CHECK(inside == 0);
}
