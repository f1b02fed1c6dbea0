// SPDX-License-Identifier: Apache-2.0
// Resolving against a folder of wheels that the tests make: the same with uv and with pip.
#include "packaging/project.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace pyfops;
using test::error_of;
using test::Project;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> wheels(const DependencySet& set) {
    std::vector<std::string> all;
    for (const Distribution& one : set.distributions)
        all.push_back(one.wheel);
    return all;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the best wheel of each dependency is taken for the target") {
    for (const Resolver resolver : {Resolver::uv, Resolver::pip}) {
        CAPTURE(static_cast<int>(resolver));
        Project project;
        if (!project.ready) return;
        project.offer("pure-1.0-py3-none-any.whl", "Requires-Dist: native>=1\n");
        project.offer("native-1.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
        project.offer("native-1.0-cp39-abi3-manylinux_2_34_x86_64.whl");
        project.offer("native-1.0-cp39-abi3-musllinux_1_1_x86_64.whl");
        project.offer("native-1.0-cp311-cp311-manylinux2014_aarch64.whl");
        project.offer("native-1.0-cp312-cp312-manylinux2014_x86_64.whl");
        // Between the glibc versions that uv knows: 2.24 is fine for a runtime with 2.26, 2.28 is not.
        project.offer("between-1.0-cp311-cp311-manylinux_2_17_x86_64.whl");
        project.offer("between-1.1-cp311-cp311-manylinux_2_24_x86_64.whl");
        project.offer("between-1.2-cp311-cp311-manylinux_2_28_x86_64.whl");
        project.offer("between-1.3-cp311-cp311-manylinux_2_27_x86_64.whl");
        const auto set = project.world->dependencies(project.request("pure\nbetween\n", resolver));
        CHECK(wheels(*set) ==
              std::vector<std::string>{"between-1.1-cp311-cp311-manylinux_2_24_x86_64.whl",
                                       "native-1.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                                       "pure-1.0-py3-none-any.whl"});
        CHECK(set->files.contains("pure/__init__.py"));
        CHECK(set->files.contains("pure-1.0.dist-info/METADATA"));
    }
}

TEST_CASE("what a provider wants beside the file is resolved with it and locked apart") {
    for (const Resolver resolver : {Resolver::uv, Resolver::pip}) {
        CAPTURE(static_cast<int>(resolver));
        Project project;
        if (!project.ready) return;
        project.offer("one-1.0-py3-none-any.whl", "Requires-Dist: shared<2\n");
        project.offer("frame-1.0-py3-none-any.whl", "Requires-Dist: shared>=1\n");
        project.offer("frame-2.0-py3-none-any.whl");
        project.offer("shared-1.0-py3-none-any.whl");
        project.offer("shared-2.0-py3-none-any.whl");
        DependencyRequest request = project.request("one\n", resolver);
        const auto alone = project.world->dependencies(request);
        request.extra = {"frame==1.0"};
        const auto both = project.world->dependencies(request);
        CHECK(wheels(*alone) ==
              std::vector<std::string>{"one-1.0-py3-none-any.whl", "shared-1.0-py3-none-any.whl"});
        CHECK(wheels(*both) == std::vector<std::string>{"frame-1.0-py3-none-any.whl",
                                                        "one-1.0-py3-none-any.whl",
                                                        "shared-1.0-py3-none-any.whl"});
        request.requirements.clear();
        CHECK(wheels(*project.world->dependencies(request)) ==
              std::vector<std::string>{"frame-1.0-py3-none-any.whl", "shared-2.0-py3-none-any.whl"});
        const std::string lock = read_file(project.folder / "project/pyfops.lock");
        CHECK(contains(lock, "\"requirements.txt\": {"));
        CHECK(contains(lock, "\"requirements.txt + frame==1.0\": {"));
        CHECK(contains(lock, "\"frame==1.0\": {"));

        // From the lock, without a tool; and another version is another question.
        project.restart();
        CHECK(wheels(*project.world->dependencies(request)).size() == 2);
        CHECK(project.world->processes_started == 0);
        request.extra = {"frame==2.0"};
        CHECK(wheels(*project.world->dependencies(request)) ==
              std::vector<std::string>{"frame-2.0-py3-none-any.whl"});
        request.extra = {"frame==3.0"};
        CHECK(contains(error_of([&] { project.world->dependencies(request); }).message(), "frame==3.0"));
    }
}

TEST_CASE("what is resolved is locked and kept until an update") {
    Project project;
    if (!project.ready) return;
    project.offer("one-1.0-py3-none-any.whl");
    const auto first = project.world->dependencies(project.request("one\n"));
    const std::string lock = read_file(project.folder / "project/pyfops.lock");
    CHECK(contains(lock, "\"python3.11 manylinux_2_26 x86_64\""));
    CHECK(contains(lock, "one-1.0-py3-none-any.whl"));
    CHECK_FALSE(contains(lock, project.folder.path().string()));

    project.offer("one-2.0-py3-none-any.whl");
    project.restart();
    // Comments and blank lines are no change.
    const auto second = project.world->dependencies(project.request("# why\n\none # so\n"));
    CHECK(second->content_hash == first->content_hash);
    CHECK(project.world->processes_started == 0);
    CHECK(read_file(project.folder / "project/pyfops.lock") == lock);

    SUBCASE("an update takes the newer one") {
        DependencyRequest request = project.request("one\n");
        request.update = true;
        CHECK(wheels(*project.world->dependencies(request)) ==
              std::vector<std::string>{"one-2.0-py3-none-any.whl"});
    }
    SUBCASE("so does a changed requirements file") {
        CHECK(wheels(*project.world->dependencies(project.request("one>=1\n"))) ==
              std::vector<std::string>{"one-2.0-py3-none-any.whl"});
        CHECK_FALSE(contains(read_file(project.folder / "project/pyfops.lock"), "one-1.0"));
    }
    SUBCASE("an emptied cache gives the same again") {
        fs::remove_all(project.folder / "cache/sets");
        fs::remove_all(project.folder / "cache/wheels");
        project.restart();
        CHECK(project.world->dependencies(project.request("one\n"))->content_hash == first->content_hash);
    }
    SUBCASE("a wheel that changed behind the lock is refused") {
        fs::remove_all(project.folder / "cache/sets");
        fs::remove_all(project.folder / "cache/wheels");
        project.restart();
        project.offer("one-1.0-py3-none-any.whl", "Summary: changed\n");
        const Error error = error_of([&] { project.world->dependencies(project.request("one\n")); });
        CHECK(error.kind() == ErrorKind::invalid_input);
        CHECK(contains(error.what(), "'one-1.0-py3-none-any.whl' with another hash"));
    }
    SUBCASE("a lock that cannot be understood is an error and stays as it is") {
        write_file(project.folder / "project/pyfops.lock", "{\"version\": 1,");
        const Error error = error_of([&] { project.world->dependencies(project.request("one\n")); });
        CHECK(error.kind() == ErrorKind::invalid_input);
        CHECK(contains(error.what(), "pyfops.lock"));
        CHECK(read_file(project.folder / "project/pyfops.lock") == "{\"version\": 1,");
    }
}

TEST_CASE("uv and pip give one content hash") {
    Project project;
    if (!project.ready) return;
    project.offer("app-1.0-py3-none-any.whl", "Requires-Dist: Dep_One\n");
    project.offer("dep_one-1.0-cp39-abi3-manylinux2014_x86_64.whl", "",
                  {{"dep_one/__init__.py", "x"},
                   {"dep_one-1.0.data/scripts/tool", "#!python\n"},
                   {"dep_one-1.0.data/purelib/extra.py", "y"},
                   {"dep_one/__pycache__/a.cpython-311.pyc", "z"},
                   {"dep_one-1.0.dist-info/INSTALLER", "someone"}});
    const auto by_uv = project.world->dependencies(project.request("app\n"));
    fs::remove(project.folder / "project/pyfops.lock");
    fs::remove_all(project.folder / "cache/sets");
    fs::remove_all(project.folder / "cache/wheels");
    project.restart();
    const auto by_pip = project.world->dependencies(project.request("app\n", Resolver::pip));
    CHECK(by_uv->content_hash == by_pip->content_hash);
    CHECK(by_uv->files.contains("extra.py"));
    CHECK(by_uv->files.contains("dep_one-1.0.dist-info/RECORD"));
    CHECK_FALSE(by_uv->files.contains("bin/tool"));
    CHECK_FALSE(by_uv->files.contains("dep_one-1.0.dist-info/INSTALLER"));
    CHECK_FALSE(by_uv->files.contains("dep_one/__pycache__/a.cpython-311.pyc"));
}

TEST_CASE("a dependency that cannot be had is named with its line and the reason") {
    for (const Resolver resolver : {Resolver::uv, Resolver::pip}) {
        CAPTURE(static_cast<int>(resolver));
        Project project;
        if (!project.ready) return;
        project.offer("new-1.0-cp39-abi3-manylinux_2_34_x86_64.whl");
        project.offer("new-1.0-cp39-abi3-musllinux_1_1_x86_64.whl");
        project.offer("near-1.0-cp311-cp311-manylinux_2_28_x86_64.whl");
        project.offer("later-1.0-cp313-cp313-manylinux2014_x86_64.whl");
        project.offer("musl-1.0-cp311-cp311-musllinux_1_2_x86_64.whl");
        project.offer("arm-1.0-cp311-cp311-manylinux2014_aarch64.whl");
        project.offer("outer-1.0-py3-none-any.whl", "Requires-Dist: new\n");
        project.offer("left-1.0-py3-none-any.whl", "Requires-Dist: shared==1\n");
        project.offer("right-1.0-py3-none-any.whl", "Requires-Dist: shared==2\n");
        project.offer("shared-1-py3-none-any.whl");
        project.offer("shared-2-py3-none-any.whl");
        project.offer("old-1.0-py2-none-any.whl");
        const struct {
            const char* requirements;
            std::vector<const char*> said;
        } cases[] = {
            {"# deps\nnew\n",
             {"requirements.txt:2: 'new'", "new-1.0-cp39-abi3-manylinux_2_34_x86_64.whl",
              "needs glibc 2.34, the runtime has 2.26"}},
            {"near==1.0\n",
             {"requirements.txt:1: 'near==1.0'", "near-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
              "needs glibc 2.28, the runtime has 2.26"}},
            {"later\n",
             {"later-1.0-cp313-cp313-manylinux2014_x86_64.whl",
              "for cp313-cp313, the runtime is Python 3.11"}},
            {"musl\n", {"it is for musl"}},
            {"arm\n", {"it is for aarch64, the runtime is x86_64"}},
            {"outer\n", {"'new' (a dependency of requirements.txt)", "glibc 2.34"}},
            {"left\nright\n", {"requirements.txt:1: 'left'", "cannot be satisfied", "shared"}},
            {"shared>=3\n", {"requirements.txt:1: 'shared>=3'", "cannot be satisfied"}},
            {"old\n", {"old-1.0-py2-none-any.whl"}},
            {"nothing-like-it\n", {"requirements.txt:1: 'nothing-like-it'", "knows no 'nothing-like-it'"}},
        };
        for (const auto& one : cases) {
            CAPTURE(std::string(one.requirements));
            const Error error =
                error_of([&] { project.world->dependencies(project.request(one.requirements, resolver)); });
            CHECK(error.kind() == ErrorKind::invalid_input);
            for (const char* text : one.said) {
                CAPTURE(std::string(error.what()));
                CAPTURE(std::string(text));
                CHECK(contains(error.what(), text));
            }
            CHECK_FALSE(fs::exists(project.folder / "project/pyfops.lock"));
        }
    }
}
