// SPDX-License-Identifier: Apache-2.0
#include "pipeline/stage_call.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/system.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "pyfops/testing/fake_provider.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::testing;

namespace fs = std::filesystem;

namespace {

fs::path fixture(const std::string& folder) {
    return fs::path(FIXTURES) / folder;
}

std::string failure_of(const std::string& folder, const std::string& id) {
    PluginRegistry registry({fixture(folder)});
    try {
        registry.get(id);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::plugin);
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a good plugin is found by its file name and loaded at first use") {
    PluginRegistry registry({fixture("good"), fixture("other")});
    CHECK(registry.ids() == std::vector<std::string>{"good", "other"});
    CHECK(registry.get("good").info().id == "good");
    CHECK(&registry.get("good") == &registry.get("good"));
}

TEST_CASE("a wrong ABI number is a sentence that names both sides") {
    const std::string text = failure_of("abi", "abi");
    CHECK(text.find("ABI 4711") != std::string::npos);
    CHECK(text.find("ABI " + std::to_string(PYFOPS_ABI_VERSION)) != std::string::npos);
}

TEST_CASE("a wrong build fingerprint is a sentence that names both sides") {
    const std::string text = failure_of("build", "build");
    CHECK(text.find("gcc-99 of tomorrow") != std::string::npos);
    CHECK(text.find(PYFOPS_BUILD_FINGERPRINT) != std::string::npos);
}

TEST_CASE("a module without our symbol is named") {
    CHECK(failure_of("symbol", "symbol").find("no symbol 'pyfops_plugin'") != std::string::npos);
}

TEST_CASE("a missing symbol is found when loading and not when calling") {
    CHECK(failure_of("unresolved", "unresolved").find("pyfops_defined_nowhere") != std::string::npos);
}

TEST_CASE("a plugin that throws while it starts is refused in its own words") {
    CHECK(failure_of("throws", "throws").find("the licence has expired") != std::string::npos);
}

TEST_CASE("a plugin that throws in a stage becomes an error of the core") {
    PluginRegistry registry({fixture("stage")});
    FakeHost host;
    StageContext context = host.context();
    auto call =
        stage_call(host.host, context.deadline, "asking", registry.get("stage").account({}, "r1", context));
    CHECK_THROWS_WITH_AS(host.run(std::move(call)), "asking: thrown in a stage", Error);
}

TEST_CASE("a plugin whose name and id differ is refused") {
    CHECK(failure_of("renamed", "renamed").find("calls itself 'good'") != std::string::npos);
}

TEST_CASE("a file that is no library is refused") {
    const TemporaryDirectory directory;
    write_file(directory.path() / "pyfops_text.so", "this is not a library");
    PluginRegistry registry({directory.path()});
    CHECK_THROWS_WITH_AS(registry.get("text"), doctest::Contains("pyfops_text.so cannot be used"), Error);
}

TEST_CASE("the first of two plugins with one id wins and the other is named") {
    PluginRegistry registry({fixture("good"), fixture("duplicate")});
    const auto all = registry.load_all();
    REQUIRE(all.size() == 2);
    CHECK(all[0].failure.empty());
    CHECK(all[0].version == "1.2.3");
    CHECK(all[1].failure.find("hidden by " + (fixture("good") / "pyfops_good.so").string()) !=
          std::string::npos);
}

TEST_CASE("a linked-in provider must not take a name that a file has") {
    PluginRegistry registry({fixture("good")});
    registry.add(std::make_unique<FakeProvider>("mine"), "the test");
    CHECK(registry.get("mine").info().id == "mine");
    CHECK_THROWS_WITH_AS(registry.add(std::make_unique<FakeProvider>("good"), "the test"),
                         doctest::Contains("the test"), Error);
    CHECK_THROWS_AS(registry.add(std::make_unique<FakeProvider>("mine"), "again"), Error);
}

TEST_CASE("one bad plugin does not keep the others from loading") {
    PluginRegistry registry({fixture("abi"), fixture("throws"), fixture("good")});
    const auto all = registry.load_all();
    REQUIRE(all.size() == 3);
    CHECK_FALSE(all[0].failure.empty());
    CHECK_FALSE(all[1].failure.empty());
    CHECK(all[2].failure.empty());
}

TEST_CASE("an unknown provider gets a suggestion and the places searched") {
    PluginRegistry registry({fixture("good")});
    CHECK_THROWS_WITH_AS(registry.get("gooood"), doctest::Contains("did you mean 'good'"), Error);
}

TEST_CASE("the search path begins with PYFOPS_PLUGIN_PATH") {
    FakeSystem system;
    system.environment["PYFOPS_PLUGIN_PATH"] = "/one::/two:";
    const auto path = plugin_search_path(system);
    REQUIRE(path.size() == 3);
    CHECK(path[0] == "/one");
    CHECK(path[1] == "/two");
    CHECK(path[2].filename() == "plugins");
}
