// SPDX-License-Identifier: Apache-2.0
#include "config/fake_provider.hpp"
#include "config/support.hpp"
#include "pyfops/plugin_registry.hpp"

#include <set>

using namespace pyfops;

namespace {

std::string head(std::string_view extra = "", std::string_view name = "thumb") {
    return "project: demo\nfunctions:\n  - name: " + std::string(name) +
           "\n    source: functions/thumb\n    handler: thumb:handler\n" + std::string(extra);
}

std::string validated(test::ProjectFolder& folder, const std::string& yaml) {
    PluginRegistry plugins({});
    plugins.add(std::make_unique<test::FakeProvider>(), "test");
    Diagnostics diagnostics;
    const Project project = folder.load(yaml, diagnostics);
    CHECK(folder.shown(diagnostics) == "");
    validate_providers(project, plugins, "2026-11-23", diagnostics);
    return folder.shown(diagnostics);
}

/// Every "$ref" leads somewhere.
void check_references(const json::value& value, const json::object& schema) {
    if (const auto* object = value.if_object()) {
        for (const auto& entry : *object) {
            if (entry.key() == "$ref") {
                const std::string target(entry.value().as_string());
                CHECK(schema.at("$defs").as_object().contains(target.substr(target.rfind('/') + 1)));
            }
            check_references(entry.value(), schema);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array)
            check_references(item, schema);
    }
}

std::set<std::string> properties(const json::value& schema) {
    std::set<std::string> keys;
    for (const auto& entry : schema.at("properties").as_object())
        keys.insert(entry.key());
    return keys;
}

/// The keys that the loader says it knows, when it meets one that it does not.
std::set<std::string> known_keys(test::ProjectFolder& folder, const std::string& yaml) {
    const std::string findings = folder.findings(yaml);
    const std::size_t begin = findings.find("known: ") + 7;
    std::set<std::string> keys;
    std::string list = findings.substr(begin, findings.find('\n', begin) - begin) + ", ";
    for (std::size_t at = 0, comma; (comma = list.find(", ", at)) != std::string::npos; at = comma + 2)
        keys.insert(list.substr(at, comma - at));
    return keys;
}

} // namespace

TEST_CASE("what a provider allows passes") {
    test::ProjectFolder folder;
    CHECK(
        validated(folder,
                  head("    memory: [128, 256]\n") +
                      "deployments:\n  - {provider: fake, regions: [moon-1, mars-1]}\nproviders:\n  fake: "
                      "{role: x, tier: fast, retention: 3, layers: [a], tags: {a: b}, python: \"3.12\"}\n") ==
        "");
}

TEST_CASE("prices are the project's to give for any provider") {
    test::ProjectFolder folder;
    const std::string deployments = "deployments:\n  - {provider: fake, regions: [moon-1]}\n";
    CHECK(validated(folder,
                    head() + deployments +
                        "providers:\n  fake: {prices: {per_request: 2e-7, per_gb_second: 0, rounding_ms: "
                        "100, minimum_ms: 0}}\n") == "");
    CHECK(folder.findings(head() + deployments + "providers:\n  fake:\n    prices: {per_request: -1}\n") ==
          "[out-of-range] pyfops.yaml:10:27: error: 'per_request' must not be less than 0 USD\n"
          "   10 |     prices: {per_request: -1}\n"
          "      |                           ^~\n");
    CHECK(folder.findings(head() + deployments + "providers:\n  fake:\n    prices: {per_gb: 1}\n")
              .starts_with("[unknown-key] pyfops.yaml:10:14: error: "));
    CHECK(folder.findings(head() + deployments + "providers:\n  fake:\n    prices: 3\n")
              .starts_with("[wrong-type] pyfops.yaml:10:13: error: "));
}

TEST_CASE("an unknown provider is named where it stands") {
    test::ProjectFolder folder;
    CHECK(validated(
              folder,
              head() +
                  "deployments:\n  - {provider: fkae, regions: [moon-1]}\nproviders:\n  other: {a: 1}\n") ==
          "[unknown-provider] pyfops.yaml:9:3: error: there is no provider 'other'\n"
          "    9 |   other: {a: 1}\n"
          "      |   ^~~~~ known: fake\n"
          "[unknown-provider] pyfops.yaml:7:16: error: there is no provider 'fkae'\n"
          "    7 |   - {provider: fkae, regions: [moon-1]}\n"
          "      |                ^~~~ did you mean 'fake'?\n");
}

TEST_CASE("settings have names and types and values") {
    test::ProjectFolder folder;
    CHECK(validated(
              folder,
              head() +
                  "deployments:\n  - {provider: fake, regions: [moon-1]}\nproviders:\n  fake:\n    rol: x\n"
                  "    tier: fats\n    public: 1\n    retention: soon\n    layers: [1]\n    tags: []\n") ==
          "[unknown-setting] pyfops.yaml:10:5: error: Fake Functions has no setting 'rol'\n"
          "   10 |     rol: x\n"
          "      |     ^~~ did you mean 'role'?\n"
          "[bad-setting] pyfops.yaml:11:11: error: 'tier' cannot be 'fats'\n"
          "   11 |     tier: fats\n"
          "      |           ^~~~ did you mean 'fast'?\n"
          "[wrong-type] pyfops.yaml:12:13: error: 'public' must be true or false\n"
          "   12 |     public: 1\n"
          "      |             ^\n"
          "[wrong-type] pyfops.yaml:13:16: error: 'retention' must be a whole number\n"
          "   13 |     retention: soon\n"
          "      |                ^~~~\n"
          "[wrong-type] pyfops.yaml:14:13: error: 'layers' must be a list of texts\n"
          "   14 |     layers: [1]\n"
          "      |             ^\n"
          "[wrong-type] pyfops.yaml:15:11: error: 'tags' must be a mapping\n"
          "   15 |     tags: []\n"
          "      |           ^\n");
    CHECK(validated(
              folder,
              head() + "deployments:\n  - {provider: fake, regions: [moon-1]}\nproviders:\n  fake: {role: x, "
                       "public: true}\n")
              .find("[odd-role] pyfops.yaml:9:16: warning: a public function needs no role") == 0);
}

TEST_CASE("what a provider refuses is shown once and at its place") {
    test::ProjectFolder folder;
    CHECK(validated(
              folder,
              head("    timeout: 90\n  - {name: other, source: functions/thumb, handler: thumb:handler}\n") +
                  "deployments:\n  - {provider: fake, regions: [moon-1, venus-1]}\n") ==
          "[timeout-limit] pyfops.yaml:6:14: error: at most 60 seconds\n"
          "    6 |     timeout: 90\n"
          "      |              ^~\n"
          "[unknown-region] pyfops.yaml:9:40: error: no region 'venus-1'\n"
          "    9 |   - {provider: fake, regions: [moon-1, venus-1]}\n"
          "      |                                        ^~~~~~~ known: moon-1, mars-1\n");
    CHECK(validated(folder, head("", "explosive") + "deployments:\n  - {provider: fake, regions: moon-1}\n")
              .find("[plugin-failed] pyfops.yaml:7:6: error: the plugin of 'fake' failed: boom") == 0);
}

TEST_CASE("two sizes that a provider makes one are a finding") {
    test::ProjectFolder folder;
    CHECK(validated(folder, head("    memory: [128, 130, 192]\n") +
                                "deployments:\n  - {provider: fake, regions: [moon-1]}\n") ==
          "[same-memory] pyfops.yaml:6:24: error: 130 and 192 MB are both 192 MB on Fake Functions\n"
          "    6 |     memory: [128, 130, 192]\n"
          "      |                        ^~~ remove one\n");
}

TEST_CASE("the project is what was written with defaults filled in") {
    test::ProjectFolder folder;
    folder.write("event.json", "{\"w\": 1.0}");
    folder.write("functions/thumb/requirements.txt", "");
    Diagnostics diagnostics;
    const Project project = folder.load(
        "project: demo\npython: '3.12'\nfunctions:\n  - name: thumb\n    source: functions/thumb\n"
        "    handler: package.deep:handler\n    requirements: requirements.txt\n"
        "    environment: {A: 1.10, B: no, C: true, D: {secret: 'command:a b'}, E: 007, F: 0x1F}\n"
        "    tests:\n      - {name: a, input_file: event.json}\n"
        "      - {name: b, input: no, expect: [0o17, 0x1F, 1_000, ~, 'null', .5, -.5e1, 1e-999]}\n"
        "      - {name: c, input: 1, expect: {error: {type: E}}, repeat: 4}\n"
        "      - {name: d, input: 1, expect: {exact: {error: x}}}\n"
        "  - {name: other, source: ./functions/thumb/, handler: thumb:go, memory: 512, timeout: 5, "
        "type: x.y, requirements: requirements.txt}\n"
        "deployments:\n  - {provider: fake, regions: moon-1, functions: other, memory: [1, 2]}\n"
        "  - {provider: fake, regions: [mars-1]}\nproviders:\n  fake: {role: x}\n",
        diagnostics);
    CHECK(folder.shown(diagnostics) == "");
    CHECK(project.name == "demo");
    CHECK(project.directory == folder.path());
    CHECK(project.database.empty());
    REQUIRE(project.functions.size() == 2);
    const FunctionSpec& thumb = project.functions[0];
    CHECK(thumb.type == "thumbType");
    CHECK(thumb.python == "3.12");
    CHECK(thumb.source == folder.path() / "functions/thumb");
    CHECK(thumb.requirements == folder.path() / "functions/thumb/requirements.txt");
    CHECK(thumb.module == "package.deep");
    CHECK(thumb.callable == "handler");
    CHECK(thumb.timeout_seconds == 30);
    CHECK(thumb.memory.automatic);
    CHECK(thumb.path == "/functions/0");
    const auto plain = [&](const char* name) { return std::get<std::string>(thumb.environment.at(name)); };
    CHECK(plain("A") == "1.10");
    CHECK(plain("B") == "no");
    CHECK(plain("C") == "true");
    CHECK(plain("E") == "007");
    CHECK(plain("F") == "0x1F");
    const auto& secret = std::get<SecretSource>(thumb.environment.at("D"));
    CHECK(secret.kind == SecretSource::Kind::command);
    CHECK(secret.reference == "a b");
    REQUIRE(thumb.tests.size() == 4);
    CHECK(canonical_json(thumb.tests[0].input) == "{\"w\":1.0}");
    CHECK(thumb.tests[0].expect.kind == Expectation::Kind::any);
    CHECK(thumb.tests[1].input == json::value("no"));
    CHECK(thumb.tests[1].expect.value == json::value({15, 31, "1_000", nullptr, "null", 0.5, -5.0, 0.0}));
    CHECK(thumb.tests[2].expect.kind == Expectation::Kind::error);
    CHECK(thumb.tests[2].repeat == 4);
    CHECK(thumb.tests[3].expect.kind == Expectation::Kind::exact);
    CHECK(thumb.tests[3].expect.value == json::value(json::object{{"error", "x"}}));
    const FunctionSpec& other = project.functions[1];
    CHECK(other.memory.megabytes == std::vector<int>{512});
    CHECK(other.type == "x.y");
    REQUIRE(project.deployments.size() == 2);
    CHECK(project.deployments[0].memory->megabytes == std::vector<int>{1, 2});
    CHECK(project.deployments[0].functions == std::vector<std::string>{"other"});
    CHECK(project.deployments[0].path == "/deployments/0");
    CHECK(project.settings("fake").at("role") == "x");
    CHECK(project.settings("none").empty());
    CHECK(project.locate("/deployments/1/regions/0").line == 17);
}

TEST_CASE("the project file is found from below") {
    test::ProjectFolder folder;
    CHECK_THROWS_WITH_AS(find_project_file(folder.path() / "functions"),
                         doctest::Contains("run 'pyfops init'"), Error);
    folder.write("pyfops.json", "{}");
    CHECK(find_project_file(folder.path() / "functions/thumb") == folder.path() / "pyfops.json");
    folder.write("pyfops.yml", "");
    folder.write("pyfops.yaml", "");
    CHECK(find_project_file(folder.path()) == folder.path() / "pyfops.yaml");
    folder.write("functions/pyfops.yml", "");
    CHECK(find_project_file(folder.path() / "functions/thumb") == folder.path() / "functions/pyfops.yml");
    CHECK(find_project_file(folder.path() / "pyfops.yml") == folder.path() / "pyfops.yml");
    Diagnostics diagnostics;
    load_project(folder.path() / "none.yaml", diagnostics);
    CHECK(folder.shown(diagnostics).find("[cannot-read] none.yaml: error: there is no such file") == 0);
}

TEST_CASE("the schema knows the keys that the loader knows") {
    test::ProjectFolder folder;
    PluginRegistry plugins({});
    plugins.add(std::make_unique<test::FakeProvider>(), "test");
    const json::object schema = project_schema(&plugins);
    check_references(schema, schema);
    const json::object& parts = schema.at("$defs").as_object();
    CHECK(properties(schema) == known_keys(folder, "zzzzzzzzz: 1\n"));
    CHECK(properties(parts.at("function")) == known_keys(folder, head("    zzzzzzzzzz: 1\n")));
    CHECK(properties(parts.at("test")) ==
          known_keys(folder, head("    tests: [{zzzzzzzzz: 1, name: a, input: 1}]\n")));
    CHECK(properties(parts.at("deployment")) ==
          known_keys(folder, head() + "deployments: [{zzzzzzzzz: 1, provider: fake, regions: moon-1}]\n"));
    const json::object& fake =
        schema.at("properties").at("providers").at("properties").at("fake").as_object();
    CHECK(properties(fake) ==
          std::set<std::string>{"python", "prices", "role", "tier", "public", "retention", "layers", "tags"});
    CHECK(fake.at("properties").at("tier").at("enum") == json::value({"slow", "fast"}));
    CHECK(canonical_json(parts.at("deployment")).find("mars-1") != std::string::npos);
    const json::object bare = project_schema(nullptr);
    check_references(bare, bare);
    CHECK(canonical_json(bare).find("fake") == std::string::npos);
}
