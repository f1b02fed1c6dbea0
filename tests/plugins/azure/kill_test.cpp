// SPDX-License-Identifier: Apache-2.0
// A process that ends at any request: the next one completes what it began, and nothing is left twice.
#include "plugins/azure/world.hpp"

#include "app_settings.hpp"
#include "pyfops/sdk/target_rules.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using azure_test::World;

namespace {

template <class Names>
std::string listed(const char* what, const Names& names) {
    std::string line = what;
    for (const auto& one : names)
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::string>)
            line += " " + one;
        else
            line += " " + one.first + " " + canonical_json(one.second);
    return line + "\n";
}

/// What is on the cloud, without what differs from run to run.
std::string state_of(const World& world) {
    std::string all = listed("groups", world.groups) + listed("accounts", world.accounts) +
                      listed("plans", world.plans) + listed("containers", world.containers) +
                      listed("blobs", world.blobs) + listed("registered", world.registered);
    for (const auto& [name, site] : world.sites) {
        all += name + " " + canonical_json(site.resource) + " runs " + site.code + "\n";
        for (const auto& [variable, value] : site.settings) {
            const bool differs = variable == sdk::probe_key_variable;
            all += variable + "=" + (differs ? "" : value.substr(0, value.find("?sv="))) + "\n";
        }
    }
    return all;
}

/// A new process does what the stopped one did, and then there is nothing to do.
template <class Prepare, class Act>
int stop_everywhere(Prepare prepare, Act act) {
    return pyfops::stop_everywhere<World>(state_of, prepare, act, act, [&](World& world) {
        world.operations();
        act(world);
        CHECK(world.writes().empty());
    });
}

void deploy(World& world) {
    world.deploy();
}

void use_consumption(World& world) {
    world.settings["plan"] = "consumption";
    world.target.memory_mb = 1536;
}

void take(World& world, const std::string& name) {
    world.function.name = world.target.identity.function = name;
    world.target.group = "images";
    world.target.cloud_name = "gate-images";
    world.mark.fd = world.target.identity.str();
}

} // namespace

TEST_CASE("azure kill: a first deployment") {
    const auto prepare = [](World& world) {
        world.registered = {"Microsoft.Web"};
        world.secrets["TOKEN"] = Secret("hush-hush");
    };
    CHECK(stop_everywhere(prepare, deploy) >= 2 * 20);
}

TEST_CASE("azure kill: a first deployment on the classic plan") {
    CHECK(stop_everywhere(use_consumption, deploy) >= 2 * 16);
}

TEST_CASE("azure kill: an update of code, memory and variables") {
    const auto prepare = [](World& world) {
        world.deploy();
        world.set_package("second");
        world.target.memory_mb = 4096;
        world.environment = {{"OTHER", "x"}};
    };
    CHECK(stop_everywhere(prepare, deploy) >= 2 * 12);
}

TEST_CASE("azure kill: an update on the classic plan leaves no package behind") {
    const auto prepare = [](World& world) {
        use_consumption(world);
        world.deploy();
        world.set_package("second");
        world.target.python = "3.11";
    };
    CHECK(stop_everywhere(prepare, deploy) >= 2 * 8);
}

TEST_CASE("azure kill: a removal") {
    const auto act = [](World& world) {
        world.remove();
        world.remove_shared();
    };
    CHECK(stop_everywhere(deploy, act) >= 2 * 8);
}

TEST_CASE("azure kill: the removal of one function of several") {
    const auto prepare = [](World& world) {
        take(world, "thumbnail");
        world.deploy();
        take(world, "resize");
        world.deploy();
    };
    const auto act = [](World& world) {
        if (world.find()) world.remove();
    };
    CHECK(stop_everywhere(prepare, act) >= 2 * 3);
}
