// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"
#include "pyfops/workers.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

using namespace pyfops;
namespace asio = boost::asio;

namespace {

Task<void> compare_threads(Workers& workers, std::thread::id engine, bool& good) {
    std::function<std::thread::id()> where = [] { return std::this_thread::get_id(); };
    auto call = workers.call(where);
    const std::thread::id there = co_await std::move(call);
    good = there != engine && std::this_thread::get_id() == engine;
}

Task<void> fail(Workers& workers) {
    std::function<void()> work = [] { throw Error(ErrorKind::storage, "full"); };
    auto run = workers.run(work);
    co_await std::move(run);
}

Task<void> count(Workers& workers, std::atomic<int>& counter) {
    std::function<void()> work = [&counter] { ++counter; };
    auto run = workers.run(work);
    co_await std::move(run);
}

Task<void> wait_for(Workers& workers, std::function<void()> work, bool& went_on) {
    auto run = workers.run(work);
    co_await std::move(run);
    auto more = workers.run([] {});
    co_await std::move(more);
    went_on = true;
}

} // namespace

TEST_CASE("work runs on another thread and comes back to the engine's") {
    Workers workers(2);
    asio::io_context context;
    bool good = false;
    asio::co_spawn(context, compare_threads(workers, std::this_thread::get_id(), good), asio::detached);
    context.run();
    CHECK(good);
}

TEST_CASE("an exception of the work comes out of the task") {
    Workers workers(1);
    asio::io_context context;
    std::optional<Error> error;
    asio::co_spawn(context, fail(workers), [&](std::exception_ptr failure) { error = to_error(failure); });
    context.run();
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::storage);
}

TEST_CASE("the engine stays awake for much work on few threads") {
    Workers workers(3);
    asio::io_context context;
    std::atomic<int> counter = 0;
    for (int i = 0; i < 1000; ++i)
        asio::co_spawn(context, count(workers, counter), asio::detached);
    context.run();
    CHECK(counter == 1000);
}

TEST_CASE("cancellation is noticed after the work is done") {
    Workers workers(1);
    asio::io_context context;
    std::promise<void> started, release;
    bool finished = false, went_on = false;
    std::exception_ptr outcome;
    asio::cancellation_signal stop;
    std::function<void()> work = [&] {
        started.set_value();
        release.get_future().wait();
        finished = true;
    };
    asio::co_spawn(
        context, wait_for(workers, work, went_on),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) { outcome = failure; }));
    asio::post(context, [&] {
        started.get_future().wait();
        stop.emit(asio::cancellation_type::terminal);
        release.set_value();
    });
    context.run();
    CHECK(finished);
    CHECK_FALSE(went_on);
    REQUIRE(outcome);
    CHECK(to_error(outcome).kind() == ErrorKind::cancelled);
}

TEST_CASE("the end of the workers waits for what has started") {
    std::atomic<bool> finished = false;
    asio::io_context context;
    std::promise<void> started;
    {
        Workers workers(1);
        bool went_on = false;
        std::function<void()> work = [&] {
            started.set_value();
            std::this_thread::yield();
            finished = true;
        };
        asio::co_spawn(context, wait_for(workers, work, went_on), asio::detached);
        context.poll();
        started.get_future().wait();
    }
    CHECK(finished);
}
