// SPDX-License-Identifier: Apache-2.0
#include "pyfops/engine.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace pyfops;

namespace {

Task<int> answer(Engine& engine) {
    auto working = engine.host().workers.call(std::function<int()>([] { return 42; }));
    co_return co_await std::move(working);
}

Task<void> wait_long(Engine& engine) {
    auto sleeping = engine.host().clock.sleep(std::chrono::hours(1));
    co_await std::move(sleeping);
}

Task<void> fail() {
    throw Error(ErrorKind::conflict, "as it is");
    co_return;
}

} // namespace

TEST_CASE("an engine runs a task and gives its result or its failure") {
    Engine engine;
    CHECK(engine.run(answer(engine)) == 42);
    CHECK_THROWS_WITH_AS(engine.run(fail()), "as it is", Error);
    CHECK(engine.run(answer(engine)) == 42);
}

TEST_CASE("an engine is cancelled from another thread") {
    Engine engine;
    std::thread other([&] { engine.cancel(); });
    try {
        engine.run(wait_long(engine));
        FAIL("not cancelled");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::cancelled);
    }
    other.join();
    CHECK(engine.cancelled());
    CHECK_THROWS_AS(engine.run(wait_long(engine)), Error);
}

TEST_CASE("an overlay replaces variables of the environment") {
    EngineOptions options;
    options.overlay = {{"PATH", "/nowhere"}, {"AN_ENDPOINT", "http://127.0.0.1:1"}};
    Engine engine(options);
    CHECK(engine.host().system.variable("PATH") == "/nowhere");
    CHECK(engine.host().system.variables().at("AN_ENDPOINT") == "http://127.0.0.1:1");
    CHECK(engine.host().system.variable("HOME") == real_system().variable("HOME"));
}
