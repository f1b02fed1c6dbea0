// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/world.hpp"

#include "faults.hpp"
#include "pyfops/error.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace pyfops;

namespace {

class StoppedClock final : public Clock {
  public:
    SteadyTime steady_now() const override { return {}; }
    SystemTime system_now() const override { return from_iso8601("2026-11-23T06:47:00Z"); }
    Task<void> sleep(Milliseconds) override { co_return; }
};

class NoInstances final : public InstancePool {
  public:
    Task<ExecutionResult> execute(std::shared_ptr<const FunctionImage>, std::string, std::string,
                                  HttpHeaders) override {
        throw Error(ErrorKind::internal, "nothing runs here");
    }
    void retire(const std::string&) override {}
    std::vector<std::string> notices() const override { return {}; }
};

struct HostParts {
    TemporaryDirectory folder;
    EmulatorState state{folder.path()};
    NoInstances instances;
    StoppedClock clock;
    SeededRandom random{1};
    FaultPlan plan;
    EmulatorHost host{state,  instances,  clock,
                      random, null_log(), "",
                      "",     {},         [this](const std::string& name) { return plan.setting(name); }};
    EmulatorWorld world{host};

    void set(json::object settings) { plan = FaultPlan(json::object{{"settings", std::move(settings)}}); }
};

} // namespace

TEST_CASE("the cloud's clock is ahead of the machine's by the setting or behind") {
    HostParts parts;
    CHECK(to_iso8601(parts.world.now()) == "2026-11-23T06:47:00Z");
    parts.set({{"clock.skew_ms", 3'600'000}});
    CHECK(to_iso8601(parts.world.now()) == "2026-11-23T07:47:00Z");
    parts.set({{"clock.skew_ms", -1500}});
    CHECK(parts.world.now_ms() == 1'795'416'418'500);
}

TEST_CASE("a setting that is not set or of another type is the face's default") {
    HostParts parts;
    CHECK(parts.world.setting("a", 7) == 7);
    CHECK(parts.world.page(50) == 50);
    parts.set({{"a", "text"}, {"b", 1e300}, {"c", 9}, {"pages.size", 3}});
    CHECK(parts.world.setting("a", 7) == 7);
    CHECK(parts.world.setting("b", 7) == 7);
    CHECK(parts.world.setting("c", 7) == 9);
    CHECK(parts.world.setting_text("a") == "text");
    CHECK(parts.world.setting_text("c", "other") == "other");
    CHECK(parts.world.page(50) == 3);
    CHECK(parts.world.page(2) == 2);
    CHECK_FALSE(parts.world.setting("d"));
}

TEST_CASE("a random text is of its alphabet and never the same") {
    HostParts parts;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string text = parts.world.random_text(20, "abcdefgh");
        CHECK(text.size() == 20);
        CHECK(text.find_first_not_of("abcdefgh") == std::string::npos);
        seen.insert(text);
    }
    CHECK(seen.size() == 100);
}
