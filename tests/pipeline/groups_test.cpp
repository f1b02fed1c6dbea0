// SPDX-License-Identifier: Apache-2.0
// Functions of one code base that the provider puts into one resource.
#include "pipeline/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>

using namespace pyfops;

namespace {

struct SharedWorld : World {
    SharedWorld() {
        provider->groups = true;
        project.functions[0].timeout_seconds = 20;
        project.functions[1].timeout_seconds = 60;
        project.functions[0].environment = {{"BOTH", "1"}, {"SELLS", "yes"}};
        project.functions[1].environment = {{"BOTH", "1"}, {"BUYS", "yes"}};
    }
};

/// How many calls are in one resource at a time, and in all of them together.
struct Crowd {
    std::map<std::string, int> inside;
    int in_one = 0, in_all = 0, now = 0;

    void enter(const std::string& resource) {
        in_one = std::max(in_one, ++inside[resource]);
        in_all = std::max(in_all, ++now);
    }
    void leave(const std::string& resource) {
        --inside[resource];
        --now;
    }
};

std::string resource(const FdIdentity& identity, const std::string& cloud_name) {
    return identity.region + "/" + cloud_name;
}

Task<Deployment> deploy_slowly(World& world, Crowd& crowd, const DeployRequest& request,
                               StageContext& context) {
    const std::string place = resource(request.target.identity, request.target.cloud_name);
    crowd.enter(place);
    auto sleeping = context.host.clock.sleep(Milliseconds(100));
    co_await std::move(sleeping);
    crowd.leave(place);
    co_return co_await world.provider->deploy_in_memory(request);
}

Task<void> remove_slowly(Crowd& crowd, const RemoveRequest& request, StageContext& context) {
    const std::string place = resource(request.identity, request.cloud_name);
    crowd.enter(place);
    auto sleeping = context.host.clock.sleep(Milliseconds(100));
    co_await std::move(sleeping);
    crowd.leave(place);
}

Task<SourceTree> note_companions(std::vector<std::string>& names, const WrapRequest& request) {
    names.push_back(request.function.name);
    for (const FunctionSpec* companion : request.companions)
        names.push_back(companion->name);
    co_return request.source;
}

Task<Deployment> note_environment(World& world, std::set<std::string>& names, const DeployRequest& request) {
    for (const auto& [name, value] : request.environment)
        names.insert(name);
    co_return co_await world.provider->deploy_in_memory(request);
}

Diagnostics findings_of(World& world) {
    Diagnostics diagnostics;
    Pipeline::targets(world.project, {}, Realm::real, world.plugins, "2026-01-01", diagnostics);
    return diagnostics;
}

} // namespace

TEST_CASE("a group is wrapped and packaged once and each of its functions deployed") {
    SharedWorld world;
    const RunReport report = world.run(world.request());
    CHECK(report.succeeded());
    CHECK(world.count("wrap") == 1);
    CHECK(world.count("package") == 1);
    CHECK(world.count("deploy") == 4);
    for (const UnitReport& unit : report.units) {
        CHECK(unit.cloud_name == "shop-code");
        CHECK(unit.package.has_value());
        CHECK(unit.target.timeout_seconds == 60); // the longest of its members
    }
}

TEST_CASE("a group has the same package whichever of its functions are selected") {
    SharedWorld world;
    std::vector<std::string> names;
    world.provider->on_wrap = [&names](const WrapRequest& request, StageContext&) {
        return note_companions(names, request);
    };
    RunRequest request = world.request();
    request.selection.add("function=buy,region=r2");
    CHECK(world.run(request).units.size() == 1);
    CHECK(names == std::vector<std::string>{"buy", "sell"});
}

TEST_CASE("deployments in one resource take turns while others go on") {
    SharedWorld world;
    Crowd crowd;
    world.provider->on_deploy = [&](const DeployRequest& request, StageContext& context) {
        return deploy_slowly(world, crowd, request, context);
    };
    CHECK(world.run(world.request()).succeeded());
    CHECK(crowd.in_one == 1);
    CHECK(crowd.in_all == 2);
}

TEST_CASE("removals from one resource take turns while others go on") {
    SharedWorld world;
    Crowd crowd;
    world.store = open_store(DatabaseUrl::parse("sqlite:afcl.db", world.directory.path(), world.host.system),
                             world.host.log);
    CHECK(world.run(world.request()).succeeded());
    world.provider->on_remove = [&](const RemoveRequest& request, StageContext& context) {
        return remove_slowly(crowd, request, context);
    };
    Pipeline pipeline(world.host.host, world.plugins, world.store.get(), nullptr);
    CHECK(world.host.run(pipeline.destroy(world.request())).deployments.size() == 4);
    CHECK(crowd.in_one == 1);
    CHECK(crowd.in_all == 2);
}

TEST_CASE("a group's environment is that of all its functions") {
    SharedWorld world;
    std::set<std::string> names;
    world.provider->on_deploy = [&](const DeployRequest& request, StageContext&) {
        return note_environment(world, names, request);
    };
    RunRequest request = world.request();
    request.selection.add("function=sell");
    CHECK(world.run(request).succeeded());
    CHECK(names == std::set<std::string>{"BOTH", "BUYS", "SELLS"});
}

TEST_CASE("functions that cannot share a resource are a finding") {
    SharedWorld world;
    CHECK_FALSE(findings_of(world).has_errors());
    world.project.functions[1].environment["BOTH"] = "2";
    world.project.functions[1].requirements = world.directory.path() / "requirements.txt";
    world.project.functions[1].path = "/functions/1";
    const Diagnostics diagnostics = findings_of(world);
    REQUIRE(diagnostics.findings().size() == 2);
    CHECK(diagnostics.findings()[0].path == "/functions/1/requirements");
    CHECK(diagnostics.findings()[1].path == "/functions/1/environment/BOTH");
    CHECK(diagnostics.findings()[1].summary ==
          "'sell' and 'buy' share one resource on fake and differ in the variable BOTH");
}
