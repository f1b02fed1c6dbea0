// SPDX-License-Identifier: Apache-2.0
// What is kept, who may write it at the same time, and what happens when it is damaged.
#include "packaging/project.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

using namespace pyfops;
using test::error_of;
using test::Project;
namespace fs = std::filesystem;

namespace {

fs::path only_file(const fs::path& folder) {
    fs::path found;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) found = entry.path();
    return found;
}

Task<void> ask(PackageBuilder& builder, DependencyRequest request, StageContext& context,
               std::vector<std::shared_ptr<const DependencySet>>& into) {
    Task<std::shared_ptr<const DependencySet>> task = builder.dependencies(std::move(request), context);
    into.push_back(co_await std::move(task));
}

} // namespace

TEST_CASE("a damaged cache is noticed and made anew") {
    Project project;
    if (!project.ready) return;
    project.offer("one-1.0-py3-none-any.whl");
    const std::string hash = project.world->dependencies(project.request("one\n"))->content_hash;
    const fs::path set = only_file(project.folder / "cache/sets"),
                   wheel = only_file(project.folder / "cache/wheels");
    const auto damage = [](const fs::path& file) {
        std::string bytes = read_file(file);
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
        write_file(file, bytes);
    };
    damage(set);
    project.restart();
    CHECK(project.world->dependencies(project.request("one\n"))->content_hash == hash);
    CHECK(project.world->processes_started == 0); // the wheel was still good
    damage(set);
    damage(wheel);
    project.restart();
    CHECK(project.world->dependencies(project.request("one\n"))->content_hash == hash);
    CHECK(project.world->processes_started > 0);
    project.restart();
    CHECK(project.world->dependencies(project.request("one\n"))->content_hash == hash);
    CHECK(project.world->processes_started == 0);
}

TEST_CASE("requests that overlap are done once") {
    Project project;
    if (!project.ready) return;
    project.offer("one-1.0-py3-none-any.whl");
    StageContext context = project.world->context();
    std::vector<std::shared_ptr<const DependencySet>> sets;
    std::vector<Task<void>> tasks;
    for (int i = 0; i < 8; ++i)
        tasks.push_back(ask(project.world->builder(), project.request("one\n"), context, sets));
    project.world->run(std::move(tasks));
    REQUIRE(sets.size() == 8);
    for (const auto& set : sets)
        CHECK(set == sets[0]);
    const int together = project.world->processes_started;

    project.restart();
    fs::remove(project.folder / "project/pyfops.lock");
    fs::remove_all(project.folder / "cache/sets");
    project.world->dependencies(project.request("one\n"));
    CHECK(together <= project.world->processes_started);
}

TEST_CASE("processes that start on an empty cache at once agree") {
    Project project;
    if (!project.ready) return;
    project.offer("one-1.0-py3-none-any.whl", "Requires-Dist: two\n");
    project.offer("two-1.0-cp39-abi3-manylinux2014_x86_64.whl");
    const DependencyRequest request = project.request("one\n");
    std::vector<std::string> hashes(4);
    std::vector<std::thread> threads;
    for (std::string& hash : hashes)
        threads.emplace_back([&] {
            test::World world(project.folder / "cache"); // shares nothing but the files
            world.system.environment = project.world->system.environment;
            hash = world.dependencies(request)->content_hash;
        });
    for (std::thread& thread : threads)
        thread.join();
    for (const std::string& hash : hashes)
        CHECK(hash == hashes[0]);
    CHECK(hashes[0].size() == 64);
    CHECK(fs::is_empty(project.folder / "cache/scratch"));
}

TEST_CASE("a failed resolution leaves nothing half done") {
    Project project;
    if (!project.ready) return;
    project.offer("one-1.0-py3-none-any.whl");
    CHECK(error_of([&] { project.world->dependencies(project.request("one\nnot-there\n")); }).kind() ==
          ErrorKind::invalid_input);
    CHECK_FALSE(fs::exists(project.folder / "project/pyfops.lock"));
    CHECK_FALSE(fs::exists(project.folder / "cache/sets"));
    CHECK(fs::is_empty(project.folder / "cache/scratch"));
}
