// SPDX-License-Identifier: Apache-2.0
// What tests of a project file become. golden.txt has what is wrong with them.
#include "config/support.hpp"

#include "pyfops/crypto.hpp"

using namespace pyfops;

namespace {

std::vector<TestCase> tests(test::ProjectFolder& folder, const std::string& lines) {
    Diagnostics diagnostics;
    const Project project = folder.load(test::with("    tests:\n" + lines), diagnostics);
    CHECK(folder.shown(diagnostics) == "");
    REQUIRE(project.functions.size() == 1);
    return project.functions.front().tests;
}

} // namespace

TEST_CASE("a folder of inputs is one test for each in the order of their names") {
    test::ProjectFolder folder;
    folder.write("in/b.json", R"({"w": 2})");
    folder.write("in/a.json", R"({"w": 1})");
    folder.write("in/a.expect.json", R"({"exact": [1]})");
    folder.write("in/C.json", "null");
    folder.write("in/.hidden.json", "no JSON");
    folder.write("in/readme.md", "");
    folder.write("in/deeper/d.json", "no JSON");
    const auto all =
        tests(folder, "      - {name: all, inputs: in, expect: {subset: {w: 2}}, repeat: 2, weight: 0.5, "
                      "warm_up: 3, max_duration: 250ms}\n");
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "all/C");
    CHECK(all[0].input.is_null());
    CHECK(all[1].name == "all/a");
    CHECK(all[1].input == json::object{{"w", 1}});
    // The file is the answer itself, whatever it looks like.
    CHECK(all[1].expect.kind == Expectation::Kind::exact);
    CHECK(all[1].expect.value == json::object{{"exact", json::array{1}}});
    CHECK(all[2].name == "all/b");
    CHECK(all[2].expect.kind == Expectation::Kind::subset);
    for (const TestCase& test : all) {
        CHECK(test.repeat == 2);
        CHECK(test.weight == 0.5);
        CHECK(test.warm_up == 3);
        CHECK(test.max_duration == Milliseconds(250));
    }
}

TEST_CASE("a folder has at most a thousand inputs") {
    test::ProjectFolder folder;
    for (int i = 0; i < 1000; ++i)
        folder.write("in/" + std::to_string(i) + ".json", "1");
    CHECK(tests(folder, "      - {name: all, inputs: in}\n").size() == 1000);
    folder.write("in/one-more.json", "1");
    CHECK(folder.findings(test::with("    tests:\n      - {name: all, inputs: in}\n"))
              .find("[too-many-inputs]") != std::string::npos);
}

TEST_CASE("a file's name that cannot be shown is no name of a test") {
    test::ProjectFolder folder;
    folder.write("in/a\nb.json", "1");
    folder.write("in/\xff.json", "1");
    const std::string findings = folder.findings(test::with("    tests:\n      - {name: all, inputs: in}\n"));
    CHECK(findings.find("control characters") != std::string::npos);
    CHECK(findings.find('\xff') == std::string::npos);
}

TEST_CASE("durations are whole milliseconds") {
    test::ProjectFolder folder;
    const auto all = tests(folder, "      - {name: a, input: 1, max_duration: 2s}\n"
                                   "      - {name: b, input: 1, max_duration: 1.5}\n"
                                   "      - {name: c, input: 1, max_duration: 1m}\n"
                                   "      - {name: d, input: 1, max_duration: 86400}\n"
                                   "      - {name: e, input: 1}\n");
    REQUIRE(all.size() == 5);
    CHECK(all[0].max_duration == Milliseconds(2000));
    CHECK(all[1].max_duration == Milliseconds(1500));
    CHECK(all[2].max_duration == Milliseconds(60'000));
    CHECK(all[3].max_duration == Milliseconds(86'400'000));
    CHECK_FALSE(all[4].max_duration);
    CHECK(all[4].weight == 1);
    CHECK(all[4].warm_up == 0);
}

TEST_CASE("expectations take what stands in files") {
    test::ProjectFolder folder;
    folder.write("answer.json", R"({"type": "object"})");
    folder.write("image.png", "png");
    const auto all =
        tests(folder, "      - {name: a, input: 1, expect: {schema: answer.json}}\n"
                      "      - {name: b, input: 1, expect: {file: {at: /i, path: image.png}}}\n"
                      "      - {name: c, input: 1, expect: {approx: {value: [1], relative: 0.5}}}\n"
                      "      - {name: d, input: 1, expect: {regex: {a: x+}}}\n");
    REQUIRE(all.size() == 4);
    CHECK(all[0].expect.kind == Expectation::Kind::schema);
    CHECK(all[0].expect.value == json::object{{"type", "object"}});
    CHECK(all[0].expect.file == "answer.json");
    CHECK(all[1].expect.kind == Expectation::Kind::file);
    CHECK(all[1].expect.at == "/i");
    CHECK(all[1].expect.sha256 == sha256_hex("png"));
    CHECK(all[2].expect.kind == Expectation::Kind::approx);
    CHECK(all[2].expect.value == json::array{1});
    CHECK(all[2].expect.tolerance.relative == 0.5);
    CHECK(all[2].expect.tolerance.absolute == 0);
    CHECK(all[3].expect.kind == Expectation::Kind::regex);
}
