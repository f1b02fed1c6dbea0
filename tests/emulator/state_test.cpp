// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/state.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace pyfops;
namespace fs = std::filesystem;

TEST_CASE("documents outlive the emulator, whatever their keys hold") {
    const TemporaryDirectory folder;
    const std::string odd = "eu-central-1/../\n\"ü/" + std::string(2000, 'x');
    {
        EmulatorState state(folder.path());
        state.put("functions", "b", {{"n", 2}});
        state.put("functions", "a", {{"n", 1}});
        state.put("functions", odd, {{"n", 3}});
        state.put("functions/x", "a", {{"n", 4}});
        state.put("functions", "gone", {});
        CHECK(state.erase("functions", "gone"));
        CHECK_FALSE(state.erase("functions", "gone"));
    }
    EmulatorState state(folder.path());
    CHECK(state.keys("functions") == std::vector<std::string>{"a", "b", odd});
    CHECK(state.keys("functions", "eu-").size() == 1);
    CHECK(state.get("functions", odd)->at("n").as_int64() == 3);
    CHECK(state.get("functions/x", "a")->at("n").as_int64() == 4);
    CHECK_FALSE(state.get("functions", "gone"));
    CHECK_FALSE(state.get("nothing", "a"));
}

TEST_CASE("a blob stays while a document names it and no longer") {
    const TemporaryDirectory folder;
    std::string kept, dropped;
    {
        EmulatorState state(folder.path());
        kept = state.put_blob("kept");
        dropped = state.put_blob("dropped");
        CHECK(kept == sha256_hex("kept"));
        CHECK(state.put_blob("kept") == kept);
        CHECK(state.blob(dropped).view() == "dropped");
        state.put("functions", "f", {{"code", {{"versions", {kept}}}}});
    }
    EmulatorState state(folder.path());
    CHECK(state.blob(kept).view() == "kept");
    CHECK_THROWS_AS(state.blob(dropped), Error);
    CHECK_THROWS_AS(state.blob("../emulator.json"), Error);
}

TEST_CASE("an interrupted write leaves the old document") {
    const TemporaryDirectory folder;
    {
        EmulatorState state(folder.path());
        state.put("keys", "k", {{"v", 1}});
    }
    fs::path file;
    for (const auto& entry : fs::recursive_directory_iterator(folder / "documents"))
        if (entry.is_regular_file()) file = entry.path();
    write_file(file.string() + ".AbCdEf", "{\"collec");
    EmulatorState state(folder.path());
    CHECK(state.get("keys", "k")->at("v").as_int64() == 1);
    CHECK_FALSE(fs::exists(file.string() + ".AbCdEf"));
}

TEST_CASE("a foreign file is refused by name") {
    const TemporaryDirectory folder;
    write_file(folder / "documents" / "x" / "y.json", "{\"a\": 1}");
    try {
        EmulatorState state(folder.path());
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.message().find("y.json") != std::string::npos);
        CHECK_FALSE(error.hint().empty());
    }
}
