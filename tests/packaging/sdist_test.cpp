// SPDX-License-Identifier: Apache-2.0
// Source distributions: built in the sandbox when they are pure Python, else refused with the reason.
#include "packaging/project.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace pyfops;
using test::error_of;
using test::Project;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A build backend of two dozen lines, offered as a wheel: what a source distribution builds into is in its
/// file "build".
void offer_backend(Project& project) {
    project.offer("tinybackend-1.0-py3-none-any.whl", "", {{"tinybackend.py", R"(
import os, socket, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    settings = dict(line.split("=", 1) for line in open("build").read().split())
    if "fail" in settings:
        raise RuntimeError("the build needs " + settings["fail"])
    if "network" in settings:
        socket.create_connection(("127.0.0.1", int(settings["network"])), 2)
    if "write" in settings:
        open(settings["write"], "w").write("x")
    name = settings["wheel"]
    stem = "-".join(name.split("-")[:2])
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr(stem.split("-")[0] + "/__init__.py", "made = True\n")
        wheel.writestr(stem + ".dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: tiny %d\n" % os.getpid())
        wheel.writestr(stem + ".dist-info/METADATA", "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % tuple(stem.split("-")))
        wheel.writestr(stem + ".dist-info/RECORD", "")
    return name
)"}});
}

void offer_source(Project& project, const std::string& stem, const std::string& settings,
                  const std::string& build_requires = "'tinybackend'") {
    const fs::path source = project.folder / ("src-" + stem + "/" + stem);
    write_file(
        source / "pyproject.toml",
        fmt::format("[build-system]\nrequires = [{}]\nbuild-backend = 'tinybackend'\n", build_requires));
    write_file(source / "build", settings);
    write_file(source / "PKG-INFO", "Metadata-Version: 2.1\n");
    REQUIRE(std::system(fmt::format("tar -C '{}' -czf '{}/index/{}.tar.gz' '{}'",
                                    source.parent_path().string(), project.folder.path().string(), stem, stem)
                            .c_str()) == 0);
}

} // namespace

TEST_CASE("a pure source distribution is built in the sandbox and locked by its source") {
    std::string content;
    for (const Resolver resolver : {Resolver::uv, Resolver::pip}) {
        CAPTURE(static_cast<int>(resolver));
        Project project;
        if (!project.ready) return;
        offer_backend(project);
        offer_source(project, "made-1.0", "wheel=made-1.0-py3-none-any.whl");
        project.offer("user-1.0-py3-none-any.whl", "Requires-Dist: made\n");
        auto set = project.world->dependencies(project.request("user\n", resolver));
        REQUIRE(set->distributions.size() == 2);
        CHECK(set->distributions[0].name == "made");
        CHECK(set->distributions[0].built);
        CHECK_FALSE(set->distributions[1].built);
        CHECK(set->files.contains("made/__init__.py"));
        CHECK_FALSE(set->files.contains("tinybackend.py"));
        // The build differs every time (its generator writes a process id), the content does not.
        if (content.empty()) content = set->content_hash;
        CHECK(set->content_hash == content);
        const std::string lock = read_file(project.folder / "project/pyfops.lock");
        CHECK(contains(lock, "\"sdist\": \"made-1.0.tar.gz\""));

        // Another machine with the same lock builds it again to the same content.
        set.reset();
        for (const char* kept : {"sets", "wheels", "built"})
            fs::remove_all(project.folder / (std::string("cache/") + kept));
        project.restart();
        CHECK(project.world->dependencies(project.request("user\n", resolver))->content_hash == content);
        CHECK(read_file(project.folder / "project/pyfops.lock") == lock);
        // And then never again.
        project.restart();
        project.world->dependencies(project.request("user\n", resolver));
        CHECK(project.world->processes_started == 0);
    }
}

TEST_CASE("a source distribution that does not become a pure wheel is refused") {
    Project project;
    if (!project.ready) return;
    offer_backend(project);
    offer_source(project, "native-1.0", "wheel=native-1.0-cp311-cp311-linux_x86_64.whl");
    offer_source(project, "broken-1.0", "fail=a-compiler");
    offer_source(project, "liar-1.0", "wheel=other-1.0-py3-none-any.whl");
    offer_source(project, "caller-1.0", "network=9 wheel=caller-1.0-py3-none-any.whl");
    offer_source(
        project, "writer-1.0",
        fmt::format("write={} wheel=writer-1.0-py3-none-any.whl", (project.folder / "escaped").string()));
    offer_source(project, "needy-1.0", "wheel=needy-1.0-py3-none-any.whl",
                 "'tinybackend', 'nowhere-to-be-found'");
    const struct {
        const char* name;
        const char* said;
    } cases[] = {
        {"native", "'native-1.0.tar.gz', and it is not pure Python: building it gives "
                   "'native-1.0-cp311-cp311-linux_x86_64.whl'"},
        {"broken", "it cannot be built here: RuntimeError: the build needs a-compiler"},
        {"liar", "building it gives 'other-1.0-py3-none-any.whl'"},
        {"caller", "it cannot be built here"},
        {"writer", "it cannot be built here"},
        {"needy", "nowhere-to-be-found"},
    };
    for (const auto& one : cases) {
        CAPTURE(std::string(one.name));
        const Error error =
            error_of([&] { project.world->dependencies(project.request(std::string(one.name) + "\n")); });
        CAPTURE(std::string(error.what()));
        CHECK(error.kind() == ErrorKind::invalid_input);
        CHECK(contains(error.what(), one.said));
        CHECK(contains(error.what(), fmt::format("requirements.txt:1: '{}'", one.name)));
        CHECK_FALSE(fs::exists(project.folder / "project/pyfops.lock"));
    }
    CHECK_FALSE(fs::exists(project.folder / "escaped"));
}
