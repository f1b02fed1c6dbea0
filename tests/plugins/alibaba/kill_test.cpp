// SPDX-License-Identifier: Apache-2.0
// A process that ends at any request: the next one completes what it began, and nothing is left twice.
#include "plugins/alibaba/world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using alibaba_test::World;

namespace {

/// What is on the cloud, without what differs from run to run.
std::string state_of(const World& world) {
    std::string all;
    for (const auto& [name, one] : world.functions) {
        json::object configuration = one.configuration;
        json::object& variables = configuration.at("environmentVariables").as_object();
        CHECK_FALSE(string_or(variables, "PYFOPS_PROBE_KEY").empty());
        variables.erase("PYFOPS_PROBE_KEY");
        all += name + " " + canonical_json(configuration) + "\n";
        for (const auto& [key, value] : one.tags)
            all += "  " + key + "=" + value + "\n";
        for (const auto& [trigger, its] : one.triggers)
            all += "  " + trigger + " " + canonical_json(its) + "\n";
    }
    for (const auto& [name, tags] : world.buckets) {
        all += name + "\n";
        for (const auto& [key, value] : tags)
            all += "  " + key + "=" + value + "\n";
    }
    for (const std::string& object : world.objects)
        all += object + "\n";
    return all;
}

template <class Prepare, class First, class Then>
int stop_everywhere(Prepare prepare, First first, Then then) {
    return pyfops::stop_everywhere<World>(state_of, prepare, first, then, [](World&) {});
}

template <class Prepare, class Act>
int stop_everywhere(Prepare prepare, Act act) {
    return stop_everywhere(prepare, act, act);
}

void nothing(World&) {}

void deploy(World& world) {
    world.deploy();
}

void destroy(World& world) {
    world.remove();
    world.remove_shared();
}

/// Goes through a bucket.
void make_large(World& world) {
    world.info.limits.inline_zip_bytes = 10;
    world.set_package("more than ten bytes");
}

} // namespace

TEST_CASE("kill: a first deployment") {
    CHECK(stop_everywhere(nothing, deploy) >= 2 * 4);
}

TEST_CASE("kill: an update of code and configuration and trigger") {
    const auto prepare = [](World& world) {
        world.deploy();
        world.set_package("second");
        world.target.memory_mb = 512;
        world.secrets.emplace("TOKEN", Secret("hush-hush"));
        world.settings["http_trigger"] = "function";
    };
    CHECK(stop_everywhere(prepare, deploy) >= 2 * 6);
}

TEST_CASE("kill: a creation anew after one that failed") {
    const auto prepare = [](World& world) {
        world.deploy();
        world.functions.at("gate-thumbnail").failed = true;
    };
    CHECK(stop_everywhere(prepare, deploy) >= 2 * 7);
}

TEST_CASE("kill: a first deployment of a large package") {
    CHECK(stop_everywhere(make_large, deploy) >= 2 * 9);
}

TEST_CASE("kill: an update to a large package through a configured bucket") {
    const auto prepare = [](World& world) {
        world.settings["bucket"] = "mine";
        world.buckets["mine"];
        world.deploy();
        make_large(world);
    };
    CHECK(stop_everywhere(prepare, deploy) >= 2 * 6);
}

TEST_CASE("kill: a deployment that is destroyed and not repeated leaves nothing") {
    SUBCASE("with a bucket of ours") {
        stop_everywhere(make_large, deploy, destroy);
    }
    SUBCASE("with a configured bucket") {
        const auto prepare = [](World& world) {
            world.settings["bucket"] = "mine";
            world.buckets["mine"];
            make_large(world);
        };
        stop_everywhere(prepare, deploy, destroy);
    }
}

TEST_CASE("kill: a removal") {
    const auto prepare = [](World& world) {
        make_large(world);
        world.deploy();
    };
    CHECK(stop_everywhere(prepare, destroy) >= 2 * 6);
}
