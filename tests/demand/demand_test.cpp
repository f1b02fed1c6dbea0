// SPDX-License-Identifier: Apache-2.0
#include "config/fake_provider.hpp"
#include "config/support.hpp"
#include "pyfops/demand.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/selection.hpp"

#include <boost/json/serialize.hpp>

using namespace pyfops;

namespace {

DemandRow a_row() {
    DemandRow row;
    row.row = 7;
    row.name = "thumbFKPythonMoon";
    row.memory_mb = 256;
    row.timeout_seconds = 60;
    row.implementation = "thumbFKPython";
    row.implementation_provider = "Fakery";
    row.language = "Python 3.7";
    row.type_name = "thumb";
    row.type = "thumbType";
    row.region = "moon-1";
    row.region_provider = "Fakery";
    return row;
}

/// Its implementation has neither name nor type of a function of the project.
DemandRow a_folder_row(const std::string& implementation, const std::string& path) {
    DemandRow row = a_row();
    row.implementation = implementation;
    row.type_name = row.type = "";
    row.implementation_path = path;
    return row;
}

struct World {
    test::ProjectFolder folder;
    Selection selection;
    Diagnostics diagnostics;
    std::string yaml = "project: demo\nfunctions:\n  - name: thumb\n    source: functions/thumb\n"
                       "    handler: thumb:handler\n    tests:\n      - {name: small, input: {w: 1}}\n"
                       "deployments:\n  - {provider: fake, regions: [mars-1]}\n";

    Project demanded(const std::vector<DemandRow>& rows) {
        Diagnostics of_file;
        const Project project = folder.load(yaml, of_file);
        CHECK(folder.shown(of_file) == "");
        PluginRegistry plugins({});
        plugins.add(std::make_unique<test::FakeProvider>(), "test");
        Project result = demanded_project(project, rows, "db", Realm::local, selection, plugins, diagnostics);
        if (!diagnostics.has_errors()) validate_providers(result, plugins, "2026-11-29", diagnostics);
        return result;
    }
    std::string findings(const std::vector<DemandRow>& rows) {
        demanded(rows);
        return folder.shown(diagnostics);
    }
    std::string findings(const DemandRow& row) { return findings(std::vector{row}); }
};

/// "thumb fake/moon-1 256 [database-...={...}]" of each entry
std::string shown(const Project& project) {
    std::string text;
    for (const DeploymentEntry& entry : project.deployments) {
        text += entry.functions.at(0) + " " + entry.provider + "/" + entry.regions.at(0) + " " +
                (entry.memory->automatic ? "auto" : std::to_string(entry.memory->megabytes.at(0))) + " row " +
                std::to_string(entry.row);
        for (const TestCase& test : entry.tests)
            text += " " + test.name.substr(0, 9) + json::serialize(test.input);
        text += "\n";
    }
    return text;
}

} // namespace

TEST_CASE("rows take the place of the project's deployments") {
    World world;
    DemandRow second = a_row();
    second.row = 8;
    second.region = "mars-1";
    second.memory_mb = 0;
    second.input = R"({"w":2})";
    const Project project = world.demanded({a_row(), second});
    CHECK(world.folder.shown(world.diagnostics) == "");
    CHECK(shown(project) == "thumb fake/moon-1 256 row 7\nthumb fake/mars-1 auto row 8 database-{\"w\":2}\n");
    CHECK(project.functions.size() == 1);
}

TEST_CASE("an input that is a test already is not run twice") {
    World world;
    DemandRow row = a_row();
    row.input = R"({ "w" : 1 })";
    CHECK(shown(world.demanded({row})) == "thumb fake/moon-1 256 row 7\n");
}

TEST_CASE("a row means the function that implementation or type name") {
    struct Case {
        std::string implementation, type_name, type;
        bool found;
    };
    for (const Case& one : {Case{"thumbFKPython", "", "", true}, Case{"Thumb_FK_Python", "", "", true},
                            Case{"thumb", "", "", true}, Case{"other", "Thumb", "thumbType", true},
                            Case{"other", "other", "ThumbType", true}, Case{"other", "", "", false},
                            Case{"thumbXYPython", "other", "otherType", false}}) {
        CAPTURE(one.implementation);
        World world;
        DemandRow row = a_row();
        row.implementation = one.implementation;
        row.type_name = one.type_name;
        row.type = one.type;
        CHECK(world.demanded({row}).deployments.size() == (one.found ? 1 : 0));
        CHECK(world.diagnostics.has_errors() == false);
    }
}

TEST_CASE("what was recorded keeps its identity") {
    World world;
    DemandRow row = a_row();
    row.function = "thumb";
    row.implementation = "renamed";
    row.type_name = row.type = "";
    row.identity = FdIdentity{"demo", "thumb", "fake", "mars-1", Realm::local, "auto"};
    row.region = "moon-1";
    CHECK(shown(world.demanded({row})) == "thumb fake/mars-1 auto row 7\n");
}

TEST_CASE("another implementation follows its path into the project's folder") {
    World world;
    world.folder.write("more/bwa/bwa_split.py", "def lambda_handler(event):\n    return event\n");
    world.folder.write("more/bwa/requirements.txt", "");
    DemandRow row = a_row();
    row.implementation = "bwaSplitFKPython";
    row.type_name = "bwaSplit";
    row.type = "bwaSplitType";
    row.implementation_path = "more/bwa/";
    row.handler = "bwa_split.lambda_handler";
    row.environment = {{"MODE", "fast"}};
    row.timeout_seconds = 45;
    row.input = "[1]";
    DemandRow second = row;
    second.row = 8;
    second.region = "mars-1";
    second.input = "";
    const Project project = world.demanded({row, second});
    CHECK(world.folder.shown(world.diagnostics) == "");
    CHECK(shown(project) ==
          "bwa-split fake/moon-1 256 row 7 database-[1]\nbwa-split fake/mars-1 256 row 8\n");
    REQUIRE(project.functions.size() == 2);
    const FunctionSpec& function = project.functions[1];
    CHECK(function.type == "bwaSplitType");
    CHECK(function.source_name == "more/bwa");
    CHECK(function.module == "bwa_split");
    CHECK(function.callable == "lambda_handler");
    CHECK(function.python == "3.7");
    CHECK(function.timeout_seconds == 45);
    CHECK(function.requirements.filename() == "requirements.txt");
    CHECK(std::get<std::string>(function.environment.at("MODE")) == "fast");
}

TEST_CASE("the handler that nobody names") {
    World world;
    world.folder.write("one/only.py", "");
    DemandRow row = a_folder_row("one", "one");
    CHECK(world.demanded({row}).functions.back().module == "only");
    world.folder.write("one/main.py", "");
    CHECK(world.demanded({row}).functions.back().module == "main");
    world.folder.write("one/one.py", "");
    CHECK(world.demanded({row}).functions.back().module == "one");
    row.handler = "start";
    CHECK(world.demanded({row}).functions.back().callable == "start");
}

TEST_CASE("a path to the code base of a function of the project means that function") {
    World world;
    DemandRow row = a_folder_row("otherFKPython", "functions/thumb");
    CHECK(shown(world.demanded({row})) == "thumb fake/moon-1 256 row 7\n");
}

TEST_CASE("folders outside the project are not uploaded") {
    for (const char* path : {"/etc", "..", "../..", "inside", "functions/thumb/thumb.py", "nowhere"}) {
        CAPTURE(path);
        World world;
        std::filesystem::create_directory_symlink("/etc", world.folder.path() / "inside");
        DemandRow row = a_folder_row("otherFKPython", path);
        CHECK(
            world.findings(row) ==
            "[unknown-implementation] db: functiondeployment row 7 (thumbFKPythonMoon): warning: its "
            "implementation 'otherFKPython' is no function of the project, and '" +
                std::string(path) +
                "' is no folder in it\n        name a function like its type, or let implementationFilePath "
                "name a folder of the project\n");
    }
}

TEST_CASE("what a row says in vain") {
    const auto finding = [](auto change) {
        World world;
        DemandRow row = a_row();
        change(row);
        const std::string text = world.findings(row);
        CHECK(world.demanded({row}).deployments.empty());
        return text.substr(0, text.find('\n'));
    };
    const std::string at = "db: functiondeployment row 7 (thumbFKPythonMoon): ";
    CHECK(finding([](DemandRow& row) { row.implementation = ""; }) ==
          "[no-implementation] " + at + "warning: it names no function implementation");
    CHECK(finding([](DemandRow& row) { row.language = "Java 8"; }) ==
          "[other-language] " + at + "warning: its implementation 'thumbFKPython' is of 'Java 8'");
    CHECK(finding([](DemandRow& row) { row.implementation_provider = "Fakry"; }) ==
          "[unknown-provider] " + at +
              "error: no plugin is for the provider 'Fakry' of its implementation 'thumbFKPython'");
    CHECK(finding([](DemandRow& row) { row.region = ""; }) ==
          "[no-region] " + at + "error: it names no region");
    CHECK(finding([](DemandRow& row) { row.region_provider = "IBM"; }) ==
          "[contradictory-row] " + at +
              "error: its region 'moon-1' is one of 'IBM', and its implementation 'thumbFKPython' is for "
              "Fakery");
    CHECK(finding([](DemandRow& row) { row.memory_mb = -1; }) ==
          "[bad-value] " + at + "error: its memorySize is -1 MB");
    CHECK(finding([](DemandRow& row) {
              row.identity = FdIdentity{"demo", "thumb", "fake", "moon-1", Realm::local, "../x"};
          }) == "[bad-value] " + at + "error: its slot in pyfops_fd is '../x'");
    CHECK(finding([](DemandRow& row) { row.input = "{w: 1}"; }).starts_with("[bad-input] " + at + "error: "));
    CHECK(finding([](DemandRow& row) { row.type = "otherType"; }) ==
          "[other-type] " + at +
              "error: its implementation 'thumbFKPython' is of the type 'otherType', and the function "
              "'thumb' of 'thumbType'");
    CHECK(finding([](DemandRow& row) {
              row.link = "https://there";
              row.link_sharers = {"otherF (9)"};
          }) == "[shared-link] " + at + "error: its link 'https://there' is that of otherF (9) as well");
}

TEST_CASE("an unknown region is found in its row") {
    World world;
    DemandRow row = a_row();
    row.region = "venus-1";
    CHECK(world.findings(row) ==
          "[unknown-region] db: functiondeployment row 7 (thumbFKPythonMoon): error: no region 'venus-1'\n"
          "        known: moon-1, mars-1\n");
}

TEST_CASE("two rows for one deployment") {
    World world;
    DemandRow second = a_row();
    second.row = 8;
    const std::string text = world.findings({a_row(), second});
    CHECK(text.starts_with("[duplicate-deployment] db: functiondeployment row 8 (thumbFKPythonMoon): error: "
                           "it asks for what row 7 asks for: demo/thumb/fake/moon-1/local/256"));
}

TEST_CASE("one implementation has one folder and one environment") {
    World world;
    world.folder.write("one/one.py", "");
    DemandRow row = a_folder_row("one", "one");
    DemandRow second = row;
    second.row = 8;
    second.region = "mars-1";
    second.environment = {{"MODE", "slow"}};
    CHECK(world.findings({row, second})
              .starts_with("[other-function] db: functiondeployment row 8 (thumbFKPythonMoon): error: "
                           "folder, handler, timeout or environment of the function 'one' are not those "
                           "that row 7 says"));
}

TEST_CASE("what a folder cannot be is found as in a project file") {
    World world;
    world.folder.write("empty/README", "");
    DemandRow row = a_folder_row("empty", "empty");
    CHECK(world.findings(row) == "[module-missing] db: functiondeployment row 7 (thumbFKPythonMoon): error: "
                                 "empty has no module 'empty' (empty.py)\n        there is no Python file in "
                                 "it\n");
}

TEST_CASE("a selection leaves rows alone and does not stop at others' mistakes") {
    World world;
    world.selection.add("region=moon-1");
    DemandRow elsewhere = a_row();
    elsewhere.row = 8;
    elsewhere.region = "mars-1";
    elsewhere.input = "no JSON";
    DemandRow wrong = a_row();
    wrong.row = 9;
    wrong.implementation_provider = "Fakry";
    CHECK(shown(world.demanded({a_row(), elsewhere, wrong})) == "thumb fake/moon-1 256 row 7\n");
    CHECK_FALSE(world.diagnostics.has_errors());
    CHECK(world.diagnostics.findings().size() == 1);
}
