// SPDX-License-Identifier: Apache-2.0
#include "pipeline/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using testing::FakeProvider;

namespace {

Task<Deployment> fail_in_r1(FakeProvider& provider, const DeployRequest& request) {
    if (request.target.identity.region == "r1")
        throw Error(ErrorKind::forbidden, "not allowed here")
            .provider(403, "Denied", "no")
            .hint("ask for rights");
    co_return co_await provider.deploy_in_memory(request);
}

Task<Deployment> never(StageContext& context) {
    for (;;) {
        auto sleeping = context.host.clock.sleep(std::chrono::hours(1));
        co_await std::move(sleeping);
    }
}

Task<Deployment> foreign_exception() {
    throw std::runtime_error("a plugin's own exception");
    co_return Deployment{};
}

Task<Deployment> wait_then(FakeProvider& provider, const DeployRequest& request, StageContext& context,
                           int& now, int& most) {
    most = std::max(most, ++now);
    auto sleeping = context.host.clock.sleep(Milliseconds(100));
    co_await std::move(sleeping);
    --now;
    co_return co_await provider.deploy_in_memory(request);
}

} // namespace

TEST_CASE("a run deploys and tests every function in every region") {
    World world;
    const RunReport report = world.run(world.request());
    CHECK(report.succeeded());
    REQUIRE(report.units.size() == 4);
    for (const UnitReport& unit : report.units) {
        CHECK(unit.reached == Stage::test);
        CHECK(unit.deployment->action == DeployAction::created);
        CHECK(unit.tests.size() == 1);
        CHECK(unit.package.has_value());
    }
    CHECK(world.count("wrap") == 2); // once per function, not per region
    CHECK(world.count("package") == 2);
    CHECK(world.count("deploy") == 4);
    CHECK(world.host.observer.all<RunFinished>().at(0).succeeded == 4);
}

TEST_CASE("a second run changes nothing and a changed byte updates") {
    World world;
    world.run(world.request());
    CHECK(world.run(world.request()).units.at(0).deployment->action == DeployAction::unchanged);
    write_file(world.directory.path() / "code" / "a.py", "def handler(event):\n    return event \n");
    CHECK(world.run(world.request()).units.at(0).deployment->action == DeployAction::updated);
}

TEST_CASE("one failing deployment becomes a row and the others go on") {
    World world;
    world.provider->on_deploy = [&](const DeployRequest& request, StageContext&) {
        return fail_in_r1(*world.provider, request);
    };
    const RunReport report = world.run(world.request());
    CHECK_FALSE(report.succeeded());
    for (const UnitReport& unit : report.units) {
        const bool failed = unit.identity.region == "r1";
        CHECK(unit.succeeded() != failed);
        if (!failed) continue;
        CHECK(unit.failed_stage == Stage::deploy);
        CHECK(unit.failure->kind() == ErrorKind::forbidden);
        CHECK(unit.failure->provider_code() == "Denied");
        CHECK(std::string(unit.failure->what()).find("deploying '") == 0);
        CHECK(unit.failure->hint() == "ask for rights");
    }
}

TEST_CASE("a package that cannot be made fails all deployments of that function only") {
    World world;
    world.project.functions[0].source = world.directory.path() / "missing";
    const RunReport report = world.run(world.request());
    for (const UnitReport& unit : report.units) {
        CHECK(unit.succeeded() == (unit.identity.function == "buy"));
        if (unit.identity.function == "sell") CHECK(unit.failed_stage == Stage::wrap);
    }
}

namespace {

Task<Package> note_architecture(std::string& asked, const PackageRequest& request) {
    asked = request.dependencies.platform.architecture;
    co_return testing::fake_package("archive");
}

} // namespace

TEST_CASE("dependencies are resolved for the machine that the target names") {
    World world;
    world.provider->description.architectures = {"arm64"};
    std::string asked;
    world.provider->on_package = [&asked](const PackageRequest& request, StageContext&) {
        return note_architecture(asked, request);
    };
    RunRequest request = world.request();
    request.last = Stage::package;
    CHECK(world.run(request).succeeded());
    CHECK(asked == "aarch64");
}

TEST_CASE("a wrong answer is a failed test with the place of the difference") {
    World world;
    world.project.functions[0].tests[0].expect.value = json::object{{"n", 2}};
    const RunReport report = world.run(world.request());
    CHECK_FALSE(report.succeeded());
    const UnitReport& unit = report.units.at(0);
    CHECK_FALSE(unit.failure);
    CHECK_FALSE(unit.tests.at(0).passed);
    CHECK(unit.tests.at(0).reason.find("/n") != std::string::npos);
}

TEST_CASE("the deadline ends a stage that hangs") {
    World world;
    world.provider->on_deploy = [](const DeployRequest&, StageContext& context) { return never(context); };
    RunRequest request = world.request();
    request.deadline = Deadline::after(world.host.clock, std::chrono::minutes(1));
    const RunReport report = world.run(request);
    CHECK(report.units.at(0).failure->kind() == ErrorKind::timeout);
}

TEST_CASE("what a plugin throws comes out as an error of the core") {
    World world;
    world.provider->on_deploy = [](const DeployRequest&, StageContext&) { return foreign_exception(); };
    const RunReport report = world.run(world.request());
    CHECK(report.units.at(0).failure->kind() == ErrorKind::internal);
    CHECK(report.units.at(0).failure->message() == "a plugin's own exception");
}

TEST_CASE("deployments run side by side up to the limit") {
    World world;
    int now = 0;
    int most = 0;
    world.provider->on_deploy = [&](const DeployRequest& request, StageContext& context) {
        return wait_then(*world.provider, request, context, now, most);
    };
    world.run(world.request());
    CHECK(most == 4);
    RunRequest request = world.request();
    request.jobs = 2;
    most = 0;
    world.run(request);
    CHECK(most == 2);
}

TEST_CASE("a limit of the command holds over all providers") {
    World world;
    auto owned = std::make_unique<testing::FakeProvider>("other");
    testing::FakeProvider& other = *owned;
    world.plugins.add(std::move(owned), "this test");
    world.project.deployments.push_back({"other", {"r1", "r2"}, {}, std::nullopt, "/deployments/1"});
    int now = 0;
    int most = 0;
    for (testing::FakeProvider* provider : {world.provider, &other})
        provider->on_deploy = [&, provider](const DeployRequest& request, StageContext& context) {
            return wait_then(*provider, request, context, now, most);
        };
    RunRequest request = world.request();
    request.jobs = 3;
    CHECK(world.run(request).units.size() == 8);
    CHECK(most == 3);
}

TEST_CASE("a package that cannot be written is a failure with a place") {
    World world;
    RunRequest request = world.request();
    request.last = Stage::package;
    request.output = world.directory.path() / "out";
    CHECK(world.run(request).units.at(0).written == request.output / "fake" / "sell.zip");
    write_file(world.directory.path() / "file", "");
    request.output = world.directory.path() / "file";
    const RunReport report = world.run(request);
    CHECK(!report.succeeded());
    REQUIRE(report.units.at(0).failure);
    CHECK(report.units.at(0).failed_stage == Stage::package);
    CHECK(std::string(report.units.at(0).failure->what()).find("file") != std::string::npos);
    CHECK(report.units.at(0).written.empty());
}

TEST_CASE("cancelling ends with a report") {
    World world;
    world.provider->on_deploy = [](const DeployRequest&, StageContext& context) { return never(context); };
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    RunReport report;
    const RunRequest request = world.request();
    const auto run = [](Pipeline& p, RunRequest r, RunReport& into) -> Task<void> {
        auto running = p.run(r);
        into = co_await std::move(running);
    };
    world.host.run_cancelling(run(pipeline, request, report), [&] { return world.count("deploy") == 4; });
    CHECK(report.cancelled);
    REQUIRE(report.units.size() == 4);
    for (const UnitReport& unit : report.units)
        CHECK(unit.failure->kind() == ErrorKind::cancelled);
}

TEST_CASE("a listed size gives each deployment a name of its own") {
    World world;
    world.project.functions[0].memory = {false, {128, 256}};
    world.run(world.request());
    CHECK(world.provider->cloud.count("r1/shop-sell-128") == 1);
    CHECK(world.provider->cloud.count("r1/shop-sell-256") == 1);
    CHECK(world.provider->cloud.count("r1/shop-buy") == 1);
}

TEST_CASE("a secret is fetched at deployment and changes the hash without showing") {
    World world;
    world.project.functions.pop_back();
    world.project.functions[0].environment = {
        {"TOKEN", SecretSource{SecretSource::Kind::environment, "MY_TOKEN"}}, {"MODE", std::string("fast")}};
    CHECK(world.run(world.request()).units.at(0).failure->kind() == ErrorKind::invalid_input);
    world.host.system.environment["MY_TOKEN"] = "hush-hush-1";
    CHECK(world.run(world.request()).succeeded());
    CHECK(world.run(world.request()).units.at(0).deployment->action == DeployAction::unchanged);
    world.host.system.environment["MY_TOKEN"] = "hush-hush-2";
    CHECK(world.run(world.request()).units.at(0).deployment->action == DeployAction::updated);
    CHECK(world.host.observer.text().find("hush") == std::string::npos);
}

TEST_CASE("a plan tells what deploy would do and does nothing") {
    World world;
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    auto plan = world.host.run(pipeline.plan(world.request()));
    REQUIRE(plan.size() == 4);
    CHECK(plan[0].action == PlannedAction::create);
    CHECK(world.count("deploy") == 0);
    world.run(world.request());
    CHECK(world.host.run(pipeline.plan(world.request()))[0].action == PlannedAction::unchanged);
    Deployment& deployed = world.provider->cloud.at("r1/shop-sell");
    // Automatic memory is found, not asked for.
    deployed.memory_mb = 512;
    CHECK(world.host.run(pipeline.plan(world.request()))[0].action == PlannedAction::unchanged);
    deployed.timeout_seconds = 5;
    CHECK(world.host.run(pipeline.plan(world.request()))[0].reason.starts_with(
        "changed behind our back: 512 MB and 5 s"));
    deployed.timeout_seconds = 30;
    write_file(world.directory.path() / "code" / "b.py", "");
    CHECK(world.host.run(pipeline.plan(world.request()))[0].action == PlannedAction::update);
}

TEST_CASE("destroy removes what the cloud has with our mark also when the project forgot it") {
    World world;
    world.run(world.request());
    world.project.functions.pop_back();
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    const DestroyReport report = world.host.run(pipeline.destroy(world.request()));
    CHECK(report.succeeded());
    CHECK(report.deployments.size() == 4);
    CHECK(world.provider->cloud.empty());
    CHECK(world.count("remove_shared") == 2); // in each region
}

TEST_CASE("destroy keeps what is shared while a deployment needs it and finds it later") {
    World world;
    world.run(world.request());
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    RunRequest one_region = world.request();
    one_region.selection.add("region=r2");
    CHECK(world.host.run(pipeline.destroy(one_region)).deployments.size() == 2);
    CHECK(world.count("remove_shared") == 0);
    CHECK(world.host.run(pipeline.destroy(world.request())).deployments.size() == 2);
    CHECK(world.count("remove_shared") == 2);
    // The run before may have been stopped just before it came to the shared ones.
    CHECK(world.host.run(pipeline.destroy(world.request())).deployments.empty());
    CHECK(world.count("remove_shared") == 4);
}

TEST_CASE("a place that cannot be asked does not keep the others from being listed") {
    World world;
    world.run(world.request());
    std::vector<std::string> asked;
    world.provider->on_list = [&](const ListRequest& request,
                                  StageContext&) -> Task<std::vector<Deployment>> {
        asked.push_back(request.region);
        if (request.region == "r1") throw Error(ErrorKind::forbidden, "not yours");
        std::vector<Deployment> found;
        for (const auto& [key, deployment] : world.provider->cloud)
            if (key.starts_with(request.region)) found.push_back(deployment);
        co_return found;
    };
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    world.project.deployments.push_back({"gone", {"x1"}, {}, std::nullopt, "/deployments/1"});
    const CloudListing listing = world.host.run(pipeline.list_cloud(world.request()));
    CHECK(listing.deployments.size() == 2);
    CHECK(listing.asked == 1);
    REQUIRE(listing.unasked.size() == 2);
    CHECK(listing.unasked[0].provider == "fake");
    CHECK(listing.unasked[0].region == "r1");
    CHECK(listing.unasked[0].failure.kind() == ErrorKind::forbidden);
    CHECK(listing.unasked[1].provider == "gone"); // there is no such plugin
    CHECK(asked == std::vector<std::string>{"r1", "r2"});

    // What is not selected is not asked, and cannot fail.
    RunRequest one = world.request();
    one.selection.add("region=r2,function=sell");
    const CloudListing selected = world.host.run(pipeline.list_cloud(one));
    CHECK(selected.deployments.size() == 1);
    CHECK(selected.unasked.empty());
}

TEST_CASE("the actions of a plan have the names that its JSON has") {
    CHECK(to_string(PlannedAction::create) == "create");
    CHECK(to_string(PlannedAction::update) == "update");
    CHECK(to_string(PlannedAction::unchanged) == "unchanged");
    CHECK(to_string(PlannedAction::unknown) == "unknown");
    CHECK(to_string(PlannedAction::fail) == "fail");
}

TEST_CASE("listed sizes are told apart where one is asked for") {
    World world;
    world.project.functions[0].memory = {false, {128, 256}};
    world.run(world.request());
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    RunRequest request = world.request();
    request.selection.add("function=sell,region=r1");
    CHECK_THROWS_WITH_AS(
        world.host.run(pipeline.invoke(request, 1, false)),
        doctest::Contains("region=r1,slot=128; function=sell,provider=fake,region=r1,slot=256"), Error);
}

TEST_CASE("invoke wants exactly one deployment") {
    World world;
    world.run(world.request());
    Pipeline pipeline(world.host.host, world.plugins, nullptr, nullptr);
    CHECK_THROWS_WITH_AS(world.host.run(pipeline.invoke(world.request(), 1, false)),
                         doctest::Contains("function=sell"), Error);
    RunRequest request = world.request();
    request.selection.add("function=sell,region=r2");
    CHECK(world.host.run(pipeline.invoke(request, json::value(7), false)).output == json::value(7));
    world.provider->cloud.clear();
    CHECK_THROWS_WITH_AS(world.host.run(pipeline.invoke(request, 1, false)),
                         doctest::Contains("not deployed"), Error);
}

TEST_CASE("nothing is done in the local realm without a stand-in for the provider") {
    World world;
    RunRequest request = world.request();
    request.realm = Realm::local;
    CHECK_THROWS_WITH_AS(world.run(request), doctest::Contains("no stand-in for fake"), Error);
    world.host.system.environment["PYFOPS_LOCAL_PROVIDERS"] = "other,faker";
    CHECK_THROWS_AS(world.run(request), Error);
    CHECK(world.count("deploy") == 0);
    world.host.system.environment["PYFOPS_LOCAL_PROVIDERS"] = "other,fake";
    CHECK(world.run(request).succeeded());
}
