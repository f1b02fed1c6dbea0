// SPDX-License-Identifier: Apache-2.0
// Every kind of finding as a person sees it: golden.txt holds what is written and what is said about it.
// PYFOPS_UPDATE_GOLDEN=1 writes the file anew; the difference is to be read before it is committed.
#include "config/support.hpp"

#include <cstdlib>
#include <fstream>
#include <set>

using namespace pyfops;

namespace {

struct Case {
    std::string title;
    std::string yaml;
    std::string findings;
};

const std::filesystem::path golden_file =
    std::filesystem::path(PYFOPS_SOURCE_DIR) / "tests/config/golden.txt";

std::vector<Case> golden() {
    std::vector<Case> cases;
    std::ifstream file(golden_file);
    std::string* into = nullptr;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("=== ")) {
            cases.push_back({line.substr(4), {}, {}});
            into = &cases.back().yaml;
        } else if (line == "--- findings") {
            into = &cases.back().findings;
        } else if (into) {
            *into += line + "\n";
        }
    }
    return cases;
}

} // namespace

TEST_CASE("every finding says where and what and what to do") {
    const bool update = std::getenv("PYFOPS_UPDATE_GOLDEN") != nullptr;
    std::string written;
    std::set<std::string> titles;
    const auto cases = golden();
    CHECK(cases.size() >= 60);
    for (const Case& entry : cases) {
        CAPTURE(entry.title);
        CHECK(titles.insert(entry.title).second);
        test::ProjectFolder folder;
        folder.write("event.json", "{\"w\": 1}");
        folder.write("broken.json", "{\"w\": }");
        folder.write("inputs/b.json", "{\"w\": 2}");
        folder.write("inputs/a.json", "{\"w\": 1}");
        folder.write("inputs/a.expect.json", "{\"w\": 1}");
        folder.write("bad-inputs/a.json", "{");
        folder.write("bad-inputs/b.json", "1");
        folder.write("bad-inputs/b.expect.json", "");
        folder.write("bad-inputs/c.expect.json", "1");
        folder.write("bad-inputs/" + std::string(95, 'n') + ".json", "1");
        folder.write("no-inputs/readme.txt", "");
        folder.write("schemas/good.json", "{\"type\": \"object\"}");
        folder.write("schemas/bad.json", "{\"properties\": {\"a\": {\"type\": \"strin\"}}}");
        folder.write("expected.bin", "\x01\x02");
        folder.write("functions/other/other.py", "");
        folder.write("functions/other/requirements.txt", "");
        const std::string name = entry.title.ends_with(".json") ? "pyfops.json" : "pyfops.yaml";
        const std::string findings = folder.findings(entry.yaml, name);
        if (!update) CHECK(findings == entry.findings);
        written += "=== " + entry.title + "\n" + entry.yaml + "--- findings\n" + findings;
    }
    if (update) write_file(golden_file, written);
}

TEST_CASE("every code that can be found is in the documentation") {
    const std::string docs = read_file(std::filesystem::path(PYFOPS_SOURCE_DIR) / "docs/config.md");
    std::set<std::string> codes;
    for (const Case& entry : golden())
        for (std::size_t at = entry.findings.find('['); at != std::string::npos;
             at = entry.findings.find("\n[", at + 1)) {
            const std::size_t begin = entry.findings.find('[', at) + 1;
            codes.insert(entry.findings.substr(begin, entry.findings.find(']', begin) - begin));
        }
    CHECK(codes.size() > 30);
    for (const std::string& code : codes) {
        CAPTURE(code);
        CHECK(docs.find("`" + code + "`") != std::string::npos);
    }
}
