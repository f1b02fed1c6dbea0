// SPDX-License-Identifier: Apache-2.0
// Hostile files: whatever is written, the loader ends soon, says what is wrong, or gives a usable project.
#include "config/support.hpp"

#include <chrono>
#include <random>

using namespace pyfops;

namespace {

const std::string seed_file = R"(# yaml-language-server: $schema=pyfops.schema.json
x-env: &env {MODE: fast, LEVEL: 3}
project: demo
python: "3.11"
database: sqlite:.pyfops/afcl.db
functions:
  - name: thumb
    type: thumbType
    source: functions/thumb
    handler: thumb:handler
    description: >
      Folded text
      in two lines
    timeout: 30
    memory: [128, 256]
    environment:
      <<: *env
      RATE: 1.10
      TOKEN: {secret: "env:TOKEN"}
    tests:
      - name: small
        input: {w: 200, "größe": [1, 2.5e3, ~, true, 0x1F, 'it''s', "a\tb"]}
        expect: {subset: {w: 200}}
      - {name: fails, input: null, expect: {error: {type: ValueError}}, repeat: 2}
deployments:
  - {provider: aws, regions: [eu-central-1, us-east-1]}
  - provider: google
    regions: europe-west1
    functions: thumb
    memory: auto
providers:
  aws: {role: "arn:aws:iam::000000000000:role/x"}
)";

const std::vector<std::string> fragments{"\t",
                                         "\n",
                                         "- ",
                                         ": ",
                                         "? ",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         "&a ",
                                         "*a",
                                         "*env",
                                         "<<: *env\n",
                                         "!!int ",
                                         "!x ",
                                         "|\n",
                                         ">-\n",
                                         "---\n",
                                         "...\n",
                                         "%YAML 1.2\n",
                                         "'",
                                         "\"",
                                         "#",
                                         "\\",
                                         "\xff",
                                         "\xc3",
                                         "\xef\xbb\xbf",
                                         "null",
                                         "~",
                                         "1e999",
                                         "99999999999999999999",
                                         "-",
                                         ".inf",
                                         "\r",
                                         std::string(1, '\0'),
                                         "\x1b[31m",
                                         "/dev/zero",
                                         "../../../../../../etc",
                                         "input_file: /dev/stdin\n",
                                         "source: /\n",
                                         "memory: auto\n",
                                         "𝄞",
                                         "@",
                                         "`"};

/// Loads, and checks what must hold for every file. Answers whether the project is usable.
bool survives(test::ProjectFolder& folder, const std::string& text, const std::string& name = "pyfops.yaml") {
    Diagnostics diagnostics;
    const auto begin = std::chrono::steady_clock::now();
    const Project project = folder.load(text, diagnostics, name);
    // Not a measurement: a guard against work that grows with the square of the input.
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
    for (const Finding& finding : diagnostics.findings()) {
        CHECK_FALSE(finding.code.empty());
        CHECK_FALSE(finding.summary.empty());
        CHECK_FALSE(finding.position.file.empty());
        CHECK(render(finding).size() < 4000);
    }
    CHECK(diagnostics.findings().size() <= 500);
    if (diagnostics.has_errors()) return false;
    CHECK_FALSE(project.name.empty());
    CHECK_FALSE(project.functions.empty());
    for (const FunctionSpec& function : project.functions) {
        CHECK_FALSE(function.name.empty());
        CHECK_FALSE(function.module.empty());
        CHECK_FALSE(function.callable.empty());
        CHECK(std::filesystem::is_directory(function.source));
        CHECK(function.timeout_seconds > 0);
        CHECK(function.memory.automatic == function.memory.megabytes.empty());
    }
    for (const DeploymentEntry& entry : project.deployments) {
        CHECK_FALSE(entry.provider.empty());
        CHECK_FALSE(entry.regions.empty());
    }
    CHECK(project.locate("/functions/0/name").line > 0);
    CHECK(project.locate("/functions/0/nothing/there").line > 0);
    CHECK(project.locate("/functions/99").line > 0);
    return true;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i)
        result += text;
    return result;
}

} // namespace

TEST_CASE("thousands of mutations are refused with findings or are usable") {
    test::ProjectFolder folder;
    REQUIRE(survives(folder, seed_file));
    std::mt19937 random(20261123);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    int usable = 0;
    for (int round = 0; round < 6000; ++round) {
        std::string text = seed_file;
        for (std::size_t change = 0, changes = 1 + below(4); change < changes && !text.empty(); ++change) {
            const std::size_t at = below(text.size());
            switch (below(6)) {
            case 0:
                text.erase(at, 1 + below(12));
                break;
            case 1:
                text.insert(at, fragments[below(fragments.size())]);
                break;
            case 2:
                text[at] = static_cast<char>(random());
                break;
            case 3: // a piece of the file once more, elsewhere
                text.insert(at, text.substr(below(text.size()), 1 + below(60)));
                break;
            case 4: // two lines change places
                if (const auto line = text.find('\n', at); line != std::string::npos)
                    text.insert(below(text.size()), text.substr(line, below(50)));
                break;
            default:
                text.resize(at);
            }
        }
        CAPTURE(round);
        CAPTURE(text);
        usable += survives(folder, text) ? 1 : 0;
    }
    // Both outcomes are exercised.
    CHECK(usable > 300);
    CHECK(usable < 5000);
}

TEST_CASE("small files with a grudge end soon") {
    test::ProjectFolder folder;
    std::string laughs = "x-a: &a [" + repeated("lol, ", 9) + "lol]\n";
    for (char c = 'b'; c <= 'z'; ++c)
        laughs += std::string("x-") + c + ": &" + c + " [" +
                  repeated(std::string("*") + char(c - 1) + ", ", 9) + "*" + char(c - 1) + "]\n";
    std::string merges = "x-a: &a {k: 1}\n";
    for (char c = 'b'; c <= 'z'; ++c)
        merges += std::string("x-") + c + ": &" + c + " {<<: [" +
                  repeated(std::string("*") + char(c - 1) + ", ", 9) + "*" + char(c - 1) + "]}\n";
    std::string chain = "x-0: &a0 [1]\n";
    for (int i = 1; i < 5000; ++i)
        chain +=
            "x-" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    std::string big_text =
        "x-a: &a \"" + repeated("0123456789", 50'000) + "\"\nx-b: [" + repeated("*a, ", 5000) + "]\n";
    std::string wide_keys = repeated("{? ", 60) + std::string(900'000, 'k') + repeated(": 1}", 60);
    const std::string many_keys = [] {
        std::string text;
        for (int i = 0; i < 60'000; ++i)
            text += "k" + std::to_string(i) + ": 1\n";
        return text;
    }();
    const std::vector<std::string> all{laughs,
                                       merges,
                                       chain,
                                       big_text,
                                       wide_keys,
                                       many_keys,
                                       repeated("[", 900'000),
                                       repeated("{", 900'000),
                                       repeated("{a: ", 200'000),
                                       repeated("- ", 400'000),
                                       repeated("? ", 400'000),
                                       repeated("[]", 400'000),
                                       repeated("a: ", 300'000),
                                       repeated("!", 900'000),
                                       repeated("&a ", 300'000),
                                       repeated("*a ", 300'000),
                                       repeated("\"", 900'001),
                                       repeated("'", 900'001),
                                       repeated("%\n", 400'000),
                                       repeated("---\n", 200'000),
                                       repeated("#", 900'000),
                                       repeated(" ", 900'000),
                                       repeated("\n", 900'000),
                                       repeated("\t", 900'000),
                                       repeated("a\n", 400'000),
                                       repeated("- a\n", 200'000),
                                       repeated(": ", 400'000),
                                       repeated("|\n", 400'000),
                                       repeated("- [", 300'000),
                                       repeated("a: {b: [", 100'000),
                                       repeated("<<: {", 100'000),
                                       "!2",
                                       "&",
                                       "*",
                                       "? |",
                                       "x: |\n" + repeated(" ", 900'000) + "a",
                                       "x: >\n" + repeated(" a\n\n", 200'000),
                                       "\"" + repeated("\\\n", 400'000),
                                       "\"" + repeated("\\x41", 200'000) + "\"",
                                       "functions: [" + repeated("{}, ", 90'000) + "]",
                                       "functions:\n" + repeated("- {nme: 1}\n", 50'000),
                                       repeated("a: 1\n", 90'000),
                                       std::string(3'000'000, 'a'),
                                       repeated("\xc3\xbc", 400'000),
                                       repeated("é: *", 100'000)};
    for (const std::string& text : all) {
        CAPTURE(text.substr(0, 40));
        CAPTURE(text.size());
        CHECK_FALSE(survives(folder, text));
        CHECK_FALSE(survives(folder, text, "pyfops.json"));
    }
}

TEST_CASE("a bomb is named") {
    test::ProjectFolder folder;
    std::string laughs = "x-a: &a [" + repeated("lol, ", 99) + "lol]\nx-b: &b [" + repeated("*a, ", 99) +
                         "*a]\nx-c: [" + repeated("*b, ", 99) + "*b]\n";
    CHECK(folder.findings(laughs).find("[too-large]") == 0);
    CHECK(folder.findings(repeated("[", 100) + repeated("]", 100))
              .find("[too-deep] pyfops.yaml:1:65: error: more than 64 levels") == 0);
    CHECK(folder.findings("project: d\xff\n").find("[invalid-utf8] pyfops.yaml:1:11:") == 0);
    CHECK(folder.findings("project: \x01\n").find("[invalid-character] pyfops.yaml:1:10:") == 0);
    CHECK(folder.findings(std::string("project: \0\n", 11)).find("[invalid-character] pyfops.yaml:1:10:") ==
          0);
    CHECK(folder
              .findings("\xff\xfe"
                        "a\0")
              .find("[invalid-utf8] pyfops.yaml: error: the file is UTF-16") == 0);
    CHECK(folder.findings(std::string(3u << 20, 'a')).find("[cannot-read]") == 0);
    CHECK(folder.findings(std::string((1u << 20) + 1, 'a')).find("[too-large]") == 0);
    CHECK(folder.findings("project: demo\nfunctions:\n\t- name: a\n")
              .find("[tab-indentation] pyfops.yaml:3:1:") == 0);
    CHECK(folder.findings("\xef\xbb\xbf" + test::with("")).empty());
    std::string crlf = test::with("    memory: 12x\n");
    for (auto at = crlf.find('\n'); at != std::string::npos; at = crlf.find('\n', at + 2))
        crlf.insert(at, "\r");
    CHECK(folder.findings(crlf).find("pyfops.yaml:6:13:") != std::string::npos);
    CHECK(folder.findings(crlf).find('\r') == std::string::npos);
}
