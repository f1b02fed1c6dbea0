// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/support.hpp"
#include "pyfops/system.hpp"

namespace pyfops::test {

/// A project with a requirements file, a folder of wheels and a cache.
struct Project {
    TemporaryDirectory folder;
    bool ready = false;
    std::unique_ptr<World> world;

    Project() {
        std::filesystem::create_directories(folder / "index");
        std::filesystem::create_directories(folder / "project");
        ready = with_tools(folder / "cache");
        restart();
    }
    /// A new process, as far as the builder can tell.
    void restart() {
        world = std::make_unique<World>(folder / "cache");
        world->system.environment["PIP_NO_INDEX"] = "1";
        world->system.environment["PIP_FIND_LINKS"] = (folder / "index").string();
    }
    void offer(const std::string& wheel, const std::string& metadata = {},
               std::map<std::string, std::string> files = {}) {
        write_file(folder / ("index/" + wheel), make_wheel(wheel, std::move(files), metadata));
    }
    DependencyRequest request(const std::string& requirements, Resolver resolver = Resolver::uv) {
        write_file(folder / "project/requirements.txt", requirements);
        DependencyRequest one;
        one.requirements = folder / "project/requirements.txt";
        one.label = "requirements.txt";
        one.platform = {"3.11", "x86_64", "2.26"};
        one.lock_file = folder / "project/pyfops.lock";
        one.resolver = resolver;
        return one;
    }
};

} // namespace pyfops::test
