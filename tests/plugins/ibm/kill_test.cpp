// SPDX-License-Identifier: Apache-2.0
// A process that ends at any request: the next one completes what it began, and nothing is left twice.
#include "plugins/ibm/world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using ibm_test::World;

namespace {

/// What is on the cloud, without what differs from run to run.
std::string state_of(World& world) {
    std::string all = std::to_string(world.projects_made) + " projects made\n";
    for (const auto& [project, id] : world.projects)
        all += project + " " + world.project_status[id] + "\n";
    for (const auto& [key, one] : world.functions) {
        json::object body = one.body;
        body.erase("name");
        all += key + " " + canonical_json(body) + " " + one.reason + "\n";
    }
    for (const auto& [key, one] : world.secrets) {
        all += key + ":";
        for (const auto& member : one.body.at("data").as_object())
            all += " " + std::string(member.key());
        all += "\n";
    }
    return all + std::to_string(world.build_runs.size());
}

/// A new process does what the stopped one did.
template <class Prepare, class Act>
int stop_everywhere(Prepare prepare, Act act) {
    return pyfops::stop_everywhere<World>(state_of, prepare, act, act, [](World&) {});
}

} // namespace

TEST_CASE("kill: a first deployment") {
    const auto prepare = [](World& world) { world.secret_values["TOKEN"] = Secret("hush-hush"); };
    CHECK(stop_everywhere(prepare, [](World& world) { world.deploy(); }) >= 2 * 6);
}

TEST_CASE("kill: an update of code and secret") {
    const auto prepare = [](World& world) {
        world.deploy();
        world.set_package("second");
        world.secret_values["TOKEN"] = Secret("hush-hush");
    };
    CHECK(stop_everywhere(prepare, [](World& world) { world.deploy(); }) >= 2 * 5);
}

TEST_CASE("kill: a build") {
    const auto prepare = [](World& world) {
        world.settings["build"] = {{"source_url", "https://git.test/f"},
                                   {"output_image", "private.de.icr.io/ns/{function}"},
                                   {"output_secret", "registry"}};
        world.set_package("bundle", ".zip");
    };
    CHECK(stop_everywhere(prepare, [](World& world) { world.deploy(); }) >= 2 * 8);
}

TEST_CASE("kill: a removal") {
    const auto prepare = [](World& world) { world.deploy(); };
    const auto act = [](World& world) {
        world.remove();
        world.remove_shared();
    };
    CHECK(stop_everywhere(prepare, act) >= 2 * 5);
}
