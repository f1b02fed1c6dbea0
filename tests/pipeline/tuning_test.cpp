// SPDX-License-Identifier: Apache-2.0
// `memory: auto` through the pipeline: on a cloud in memory whose functions need what the test says.
#include "world.hpp"

#include "pyfops/error.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

struct TunedWorld : World {
    TunedWorld() {
        store = open_store(
            DatabaseUrl::parse("sqlite:" + (directory.path() / "afcl.db").string(), {}, host.host.system),
            host.host.log);
        project.functions = {function("sell")};
        project.functions.front().memory = {};
        provider->on_invoke = [this](const InvokeRequest& request, StageContext&) { return answer(request); };
    }

    Task<Invocation> answer(const InvokeRequest& request) {
        ++calls;
        if (failing && calls > passing) throw Error(*failing);
        Invocation invocation;
        invocation.duration_ms = 20;
        invocation.billed_ms = 20;
        invocation.memory_used_mb = 150;
        if (request.deployment.memory_mb < need) {
            invocation.error = FunctionError{FunctionError::Cause::out_of_memory, "", "killed", {}};
        } else {
            invocation.output = request.event;
        }
        co_return invocation;
    }

    RunRequest tuning(Tuning how = Tuning::when_unknown) const {
        RunRequest asked = request();
        asked.tuning = how;
        return asked;
    }
    std::vector<DeploymentRecord> rows() { return store->deployments({}); }

    int need = 200;
    int calls = 0;
    int passing = 0;
    std::optional<Error> failing;
};

} // namespace

TEST_CASE_FIXTURE(TunedWorld, "found in one region, confirmed in the other, recorded in both") {
    const RunReport report = run(tuning());
    REQUIRE(report.succeeded());
    int searched = 0, shared = 0;
    for (const UnitReport& unit : report.units) {
        REQUIRE(unit.tuning);
        CHECK(unit.tuning->minimum_mb == 256); // 128, 192, 256, ...
        CHECK(unit.deployment->memory_mb == 256);
        CHECK(unit.tests.size() == 1);
        searched += unit.tuning->probes.empty() ? 0 : 1;
        shared += unit.tuning->found_in.empty() ? 0 : 1;
    }
    CHECK(searched == 1);
    CHECK(shared == 1);
    for (const DeploymentRecord& row : rows()) {
        CHECK(row.minimum_memory_mb == 256);
        CHECK(row.memory_mb == 256);
    }
    CHECK(provider->cloud.begin()->second.memory_mb == 256);
    const auto probes = store->probes({});
    REQUIRE(probes.size() == 3);
    CHECK(probes.front().memory_mb == 1024);
    CHECK(probes.front().peak_mb == 150);
    CHECK(probes.back().verdict == "too small");
}

TEST_CASE_FIXTURE(TunedWorld, "another plan of the same cloud has sizes and prices of its own") {
    ProviderInfo plan = provider->description;
    plan.memory = {};
    plan.memory.minimum = 300, plan.memory.maximum = plan.memory.standard = 600;
    plan.memory.sizes = {300, 600};
    plan.prices = {{"", "x86_64", 1, 0, 0, 1, 0, "invented"}};
    provider->on_offer = [this, &plan](const json::object& settings) -> const ProviderInfo& {
        return settings.contains("plan") ? plan : provider->description;
    };
    project.providers["fake"] = {{"plan", "other"}};
    const RunReport report = run(tuning());
    REQUIRE(report.succeeded());
    for (const UnitReport& unit : report.units)
        CHECK(unit.tuning->minimum_mb == 300);
    const auto probes = store->probes({});
    REQUIRE(probes.size() == 2);
    CHECK(probes.front().memory_mb == 600);
    CHECK(probes.front().cost_usd == 1);
}

TEST_CASE_FIXTURE(TunedWorld, "what is on record is not searched again, and stays deployed") {
    REQUIRE(run(tuning()).succeeded());
    const int before = calls;
    const RunReport again = run(tuning());
    CHECK(again.succeeded());
    CHECK(calls - before == 2); // the tests alone
    for (const UnitReport& unit : again.units) {
        CHECK(unit.tuning->known);
        CHECK(unit.deployment->action == DeployAction::unchanged);
        CHECK(unit.deployment->memory_mb == 256);
    }
    SUBCASE("tune does search again") {
        const RunReport anew = run(tuning(Tuning::always));
        CHECK(anew.units.front().tuning->probes.size() + anew.units.back().tuning->probes.size() == 3);
    }
    SUBCASE("and so does run when the code changed") {
        write_file(directory.path() / "code" / "a.py", "def handler(event):\n    return dict(event)\n");
        const RunReport anew = run(tuning());
        CHECK(!anew.units.front().tuning->known);
    }
    SUBCASE("deploy alone keeps the size") {
        RunRequest deploy = request();
        deploy.last = Stage::deploy;
        CHECK(run(deploy).units.front().deployment->memory_mb == 256);
        CHECK(rows().front().minimum_memory_mb == 256);
    }
    SUBCASE("a need that grew without a change of the code is met") {
        need = 300;
        const RunReport grown = run(tuning());
        CHECK(grown.succeeded());
        for (const DeploymentRecord& row : rows())
            CHECK(row.minimum_memory_mb == 320);
    }
}

TEST_CASE_FIXTURE(TunedWorld, "the minimum of other code is none of this code") {
    REQUIRE(run(tuning()).succeeded());
    write_file(directory.path() / "code" / "a.py", "def handler(event):\n    return dict(event)\n");
    need = 600;
    RunRequest deploy = request();
    deploy.last = Stage::deploy;
    CHECK(run(deploy).units.front().deployment->memory_mb == 256); // still the best guess
    CHECK_FALSE(rows().front().minimum_memory_mb);
    const RunReport report = run(tuning());
    CHECK(report.succeeded());
    CHECK(rows().front().minimum_memory_mb == 640);

    // And a search that found none leaves none behind.
    need = 5000;
    CHECK_FALSE(run(tuning(Tuning::always)).succeeded());
    CHECK_FALSE(rows().front().minimum_memory_mb);
    need = 200;
    CHECK(run(tuning()).succeeded());
    CHECK(rows().front().minimum_memory_mb == 256);
}

TEST_CASE_FIXTURE(TunedWorld, "a search that is cancelled goes back to what is known to be enough") {
    project.deployments.front().regions = {"r1"};
    Pipeline pipeline(host.host, plugins, store.get(), nullptr);
    RunReport report;
    const auto cancelled = [&](RunRequest request, int after) -> Task<void> {
        const int so_far = calls;
        provider->on_invoke = [this, so_far, after](const InvokeRequest& asked,
                                                    StageContext& context) -> Task<Invocation> {
            if (calls - so_far == after) {
                ++calls;
                auto waiting = context.host.clock.sleep(std::chrono::hours(1));
                co_await std::move(waiting);
            }
            auto answering = answer(asked);
            co_return co_await std::move(answering);
        };
        auto running = pipeline.run(std::move(request));
        report = co_await std::move(running);
    };
    SUBCASE("the smallest that passed") {
        host.run_cancelling(cancelled(tuning(), 1), [&] { return calls == 2; });
        CHECK(report.cancelled);
        CHECK(provider->cloud.begin()->second.memory_mb == 1024);
        CHECK_FALSE(rows().front().minimum_memory_mb);
        CHECK(report.units.front().notices.back().find("it has 1024 MB") != std::string::npos);
    }
    SUBCASE("the one that is on record") {
        REQUIRE(run(tuning()).succeeded());
        const int before = calls;
        host.run_cancelling(cancelled(tuning(Tuning::always), 1), [&] { return calls == before + 2; });
        CHECK(report.cancelled);
        CHECK(provider->cloud.begin()->second.memory_mb == 256);
        CHECK(rows().front().memory_mb == 256);
    }
}

TEST_CASE_FIXTURE(TunedWorld,
                  "a function that fails at the largest size is wrong, and goes back to its size") {
    need = 5000;
    const RunReport report = run(tuning());
    for (const UnitReport& unit : report.units) {
        CHECK(!unit.succeeded());
        CHECK(!unit.failure);
        CHECK(!unit.tests.at(0).passed);
        REQUIRE(unit.notices.size() == 1);
        CHECK(unit.notices.front().starts_with("it does not pass at 1024 MB, the largest size there is"));
        CHECK(unit.deployment->memory_mb == 256); // the provider's standard
    }
    for (const DeploymentRecord& row : rows()) {
        CHECK(!row.minimum_memory_mb);
        CHECK(row.memory_mb == 256);
    }
    CHECK(!store->probes({}).empty());
}

TEST_CASE_FIXTURE(TunedWorld, "a need that grows between the search and the test") {
    project.deployments.front().regions = {"r1"};
    provider->on_invoke = [this](const InvokeRequest& request, StageContext&) {
        need = request.probe ? 200 : 300;
        return answer(request);
    };
    const RunReport report = run(tuning());
    const UnitReport& unit = report.units.front();
    CHECK(report.succeeded());
    CHECK(unit.tuning->minimum_mb == 320);
    CHECK(unit.deployment->memory_mb == 320);
    CHECK(rows().front().minimum_memory_mb == 320);
    REQUIRE(unit.notices.size() == 1);
    CHECK(unit.notices.front().find("its need changes from run to run") != std::string::npos);
}

TEST_CASE_FIXTURE(TunedWorld, "a platform that fails in the middle leaves a size that passed") {
    project.deployments.front().regions = {"r1"};
    failing = Error(ErrorKind::forbidden, "no");
    passing = 1;
    const RunReport report = run(tuning());
    const UnitReport& unit = report.units.front();
    REQUIRE(unit.failure);
    CHECK(unit.failure->kind() == ErrorKind::forbidden);
    CHECK(unit.deployment->memory_mb == 1024);
    CHECK(rows().front().memory_mb == 1024);
    CHECK(!rows().front().minimum_memory_mb);
}

TEST_CASE_FIXTURE(TunedWorld, "a provider that ignores the change of memory is named") {
    provider->on_configure = [](const ConfigureRequest& request, StageContext&) -> Task<Deployment> {
        co_return request.deployment;
    };
    const RunReport report = run(tuning());
    REQUIRE(report.units.front().failure);
    CHECK(report.units.front().failure->message().find("was asked for 1024 MB and still has 256 MB") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(TunedWorld, "the budget stops the calls") {
    RunRequest asked = tuning();
    SUBCASE("by number") {
        asked.budget.max_invocations = 2;
        const RunReport report = run(asked);
        CHECK(!report.succeeded());
        CHECK(calls == 2);
        CHECK(report.units.front().failure->kind() == ErrorKind::limit_exceeded);
        CHECK(run(tuning()).succeeded()); // the next one searches again
        CHECK(rows().front().minimum_memory_mb == 256);
    }
    SUBCASE("by cost") {
        provider->description.prices = {{"", "x86_64", 1.0, 0, 0, 1, 0, "made up"}};
        asked.budget.max_cost_usd = 1.5;
        const RunReport report = run(asked);
        CHECK(!report.succeeded());
        CHECK(calls == 2);
    }
}

TEST_CASE_FIXTURE(TunedWorld, "tune takes what is automatic alone") {
    FunctionSpec fixed = function("buy");
    fixed.memory = {false, {512}};
    project.functions.push_back(fixed);
    const RunReport report = run(tuning(Tuning::always));
    CHECK(report.units.size() == 2);
    for (const UnitReport& unit : report.units)
        CHECK(unit.identity.function == "sell");
    project.functions = {fixed};
    CHECK_THROWS_WITH_AS(run(tuning(Tuning::always)), doctest::Contains("fixed memory"), Error);
}

TEST_CASE_FIXTURE(TunedWorld, "without tests there is nothing to judge by") {
    project.functions.front().tests.clear();
    CHECK(run(tuning()).succeeded());
    CHECK(rows().front().minimum_memory_mb == std::nullopt);
    const RunReport report = run(tuning(Tuning::always));
    CHECK(report.units.front().failure->kind() == ErrorKind::invalid_input);
}

TEST_CASE_FIXTURE(TunedWorld, "functions that share their memory get what the largest needs") {
    provider->groups = true;
    project.functions = {function("sell"), function("buy")};
    project.deployments.front().regions = {"r1"};
    provider->on_invoke = [this](const InvokeRequest& request, StageContext&) {
        need = request.deployment.identity.function == "buy" ? 500 : 200;
        return answer(request);
    };
    const RunReport report = run(tuning());
    REQUIRE(report.succeeded());
    std::map<std::string, int> minimum;
    for (const UnitReport& unit : report.units)
        minimum[unit.identity.function] = *unit.tuning->minimum_mb;
    CHECK(minimum == std::map<std::string, int>{{"buy", 512}, {"sell", 256}});
    for (const auto& [name, deployment] : provider->cloud)
        CHECK(deployment.memory_mb == 512);
}
