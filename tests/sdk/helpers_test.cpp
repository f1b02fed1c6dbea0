// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/once.hpp"
#include "pyfops/sdk/poll.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/xml.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using testing::FakeHost;

namespace {

struct Maker {
    FakeHost& host;
    sdk::Once<int> once{};
    int made = 0;
    int fail = 0;
    ErrorKind kind = ErrorKind::forbidden;
    std::vector<int> got{};
    int failed = 0;

    Task<int> make() {
        Task<void> wait = host.clock.sleep(Milliseconds(100));
        co_await std::move(wait);
        ++made;
        if (fail > 0) {
            --fail;
            throw Error(kind, "no");
        }
        co_return 7;
    }
    Task<void> use(std::string key) {
        try {
            std::function<Task<int>()> maker = [this] { return make(); };
            Task<int> getting = once.get(key, std::move(maker));
            got.push_back(co_await std::move(getting));
        } catch (const Error&) {
            ++failed;
        }
    }
    void use_all(int count) {
        std::vector<Task<void>> tasks;
        for (int i = 0; i < count; ++i)
            tasks.push_back(use("key"));
        host.run_all(std::move(tasks));
    }
};

} // namespace

TEST_CASE("once: what many need at the same time is made once") {
    FakeHost host;
    Maker maker{host};
    maker.use_all(5);
    CHECK(maker.made == 1);
    CHECK(maker.got == std::vector<int>{7, 7, 7, 7, 7});
    maker.use_all(1);
    CHECK(maker.made == 1);
    host.run(maker.use("other"));
    CHECK(maker.made == 2);
    maker.once.forget("key");
    maker.use_all(1);
    CHECK(maker.made == 3);
}

TEST_CASE("once: a failure is shared by those who waited and not kept") {
    FakeHost host;
    Maker maker{host};
    maker.fail = 1;
    maker.use_all(4);
    CHECK(maker.made == 1);
    CHECK(maker.failed == 4);
    maker.use_all(2);
    CHECK(maker.made == 2);
    CHECK(maker.got.size() == 2);
}

TEST_CASE("once: when the maker runs out of its own time the next one takes over") {
    FakeHost host;
    Maker maker{host};
    maker.fail = 1;
    maker.kind = ErrorKind::timeout;
    maker.use_all(3);
    CHECK(maker.made == 2);
    CHECK(maker.failed == 1);
    CHECK(maker.got.size() == 2);
}

TEST_CASE("once: who comes after it was forgotten does not get what is under way") {
    FakeHost host;
    Maker maker{host};
    struct Late {
        static Task<void> use(Maker& all) {
            Task<void> wait = all.host.clock.sleep(Milliseconds(50));
            co_await std::move(wait);
            all.once.forget("key");
            Task<void> using_it = all.use("key");
            co_await std::move(using_it);
        }
    };
    std::vector<Task<void>> tasks;
    tasks.push_back(maker.use("key"));
    tasks.push_back(maker.use("key"));
    tasks.push_back(Late::use(maker));
    host.run_all(std::move(tasks));
    CHECK(maker.made == 2);
    CHECK(maker.got.size() == 3);
    maker.use_all(1);
    CHECK(maker.made == 2); // the second one was kept
}

TEST_CASE("single flight: what is done is not kept and a cancelled one is taken over") {
    FakeHost host;
    SingleFlight<int> flights;
    struct Work {
        static Task<int> slow(FakeHost& all, int& done) {
            Task<void> wait = all.clock.sleep(Milliseconds(100));
            co_await std::move(wait);
            co_return ++done;
        }
        static Task<void> ask(FakeHost& all, SingleFlight<int>& flights, int& done, std::vector<int>& got) {
            std::function<Task<int>()> work = [&all, &done] { return slow(all, done); };
            Task<int> running = flights.run("key", std::move(work));
            got.push_back(co_await std::move(running));
        }
    };
    int done = 0;
    std::vector<int> got;
    for (int round = 0; round < 2; ++round) {
        std::vector<Task<void>> tasks;
        for (int i = 0; i < 3; ++i)
            tasks.push_back(Work::ask(host, flights, done, got));
        host.run_all(std::move(tasks));
    }
    CHECK(got == std::vector<int>{1, 1, 1, 2, 2, 2});
}

TEST_CASE("poll: asks until it is ready with growing pauses") {
    FakeHost host;
    StageContext context = host.context();
    int asked = 0;
    struct Ask {
        static Task<sdk::Polled<int>> answer(int& count, int ready_after) {
            sdk::Polled<int> polled;
            polled.state = "Pending";
            if (++count >= ready_after) polled.ready = count;
            co_return polled;
        }
    };
    std::function<Task<sdk::Polled<int>>()> ask = [&asked] { return Ask::answer(asked, 4); };
    CHECK(host.run(sdk::poll<int>(context, Stage::deploy, "x", {}, ask)) == 4);
    const auto& sleeps = host.clock.sleeps();
    REQUIRE(sleeps.size() == 3);
    CHECK(sleeps[0] < sleeps[1]);
    CHECK(sleeps[1] < sleeps[2]);
    CHECK(host.observer.all<StageProgress>().size() == 3);
    asked = -1'000'000;
    try {
        host.run(sdk::poll<int>(context, Stage::deploy, "the thing", {}, ask));
        FAIL("it ended");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::timeout);
        CHECK(failure.message() == "gave up waiting for the thing: it is still 'Pending'");
    }
}

TEST_CASE("xml: elements without prefixes and with limits") {
    const auto root = sdk::parse_xml("<?xml version=\"1.0\"?><a:R xmlns:a=\"u\"><L><m>1</m><m> 2 </m></L>"
                                     "<T>x &lt;&#65;&gt;</T><E/><!-- c --></a:R>",
                                     "test");
    CHECK(root.name == "R");
    CHECK(root.at("T") == "x <A>");
    CHECK(root.child("L")->all("m").size() == 2);
    CHECK(root.at("L/none").empty());
    CHECK(root.child("E"));
    for (const char* bad : {"", "text", "<a>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"})
        CHECK_THROWS_AS(sdk::parse_xml(bad, "test"), Error);
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += "<a>";
    CHECK_THROWS_AS(sdk::parse_xml(deep, "test"), Error);
    CHECK_THROWS_AS(sdk::parse_xml("<a>" + std::string(5u << 20, 'x') + "</a>", "test"), Error);
    try {
        sdk::xml_answer("<!DOCTYPE html><p>Welcome", "the answer of IAM");
        FAIL("a portal's page is no answer");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::unavailable);
    }
}

TEST_CASE("rest: forms and answers that are not JSON") {
    CHECK(sdk::form_encode({{"a b", "c&d"}, {"e", ""}}) == "a%20b=c%26d&e=");
    CHECK(sdk::json_body(testing::reply(200, ""), "x").is_null());
    try {
        sdk::json_body(testing::reply(200, "<html>"), "lambda:GetFunction");
        FAIL("it was taken");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::unavailable);
        CHECK(failure.message().find("lambda:GetFunction") != std::string::npos);
    }
}

TEST_CASE("fakes: concurrent sleeps overlap as they would") {
    FakeHost host;
    std::vector<int> order;
    struct Sleeper {
        static Task<void> run(FakeHost& all, std::vector<int>& woken, int milliseconds) {
            Task<void> wait = all.clock.sleep(Milliseconds(milliseconds));
            co_await std::move(wait);
            woken.push_back(milliseconds);
        }
    };
    const auto start = host.clock.steady_now();
    std::vector<Task<void>> tasks;
    for (const int time : {300, 100, 200})
        tasks.push_back(Sleeper::run(host, order, time));
    host.run_all(std::move(tasks));
    CHECK(order == std::vector<int>{100, 200, 300});
    CHECK(host.clock.steady_now() - start == std::chrono::milliseconds(300));
}

TEST_CASE("fakes: a cancelled task ends") {
    FakeHost host;
    StageContext context = host.context();
    struct Endless {
        static Task<void> run(FakeHost& all, int& turns) {
            for (;;) {
                Task<void> wait = all.clock.sleep(Milliseconds(10));
                co_await std::move(wait);
                ++turns;
            }
        }
    };
    int turns = 0;
    CHECK_THROWS(host.run_cancelling(Endless::run(host, turns), [&turns] { return turns >= 3; }));
    CHECK(turns <= 4);
}
