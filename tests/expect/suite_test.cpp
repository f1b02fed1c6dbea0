// SPDX-License-Identifier: Apache-2.0
// The official test suite of JSON Schema, as Debian packages it.
#include "expect/schema.hpp"
#include "expect/support.hpp"

#include "pyfops/system.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace fs = std::filesystem;

using namespace pyfops;

namespace {

/// What stands alone: neither references to other documents nor identifiers that change what they lead to.
bool stands_alone(const json::value& schema) {
    if (const auto* array = schema.if_array()) return std::all_of(array->begin(), array->end(), stands_alone);
    const auto* object = schema.if_object();
    return !object || std::all_of(object->begin(), object->end(), [](const auto& member) {
        if (member.key() == "$id" && member.value().is_string()) return false;
        if (member.key() == "$ref" && member.value().is_string())
            return member.value().get_string().starts_with('#');
        return stands_alone(member.value());
    });
}

std::string errors_of(const json::value& schema) {
    std::string result;
    for (const expect::Problem& problem : expect::schema_problems(schema))
        if (problem.severity == Severity::error) result += problem.path + ": " + problem.summary + "\n";
    return result;
}

} // namespace

TEST_CASE("draft 7 of JSON Schema by its official tests") {
    const fs::path folder = fs::path(PYFOPS_SCHEMA_SUITE) / "draft7";
    if (!fs::is_directory(folder)) {
        MESSAGE("SKIPPED: the package json-schema-test-suite is not installed");
        return;
    }
    std::vector<fs::path> files{folder / "optional" / "zeroTerminatedFloats.json"};
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::size_t judged = 0, left_out = 0;
    for (const fs::path& file : files) {
        const json::value content = parse_json(read_file(file), file.filename().string());
        for (const json::value& group : content.as_array()) {
            const json::value& schema = group.at("schema");
            const std::string about =
                file.filename().string() + ": " + std::string(group.at("description").as_string());
            CAPTURE(about);
            if (!stands_alone(schema)) {
                left_out += group.at("tests").as_array().size();
                continue;
            }
            CHECK(errors_of(schema) == "");
            for (const json::value& test : group.at("tests").as_array()) {
                CAPTURE(canonical_json(test));
                const std::string found = expect::compare_schema(schema, test.at("data"));
                CAPTURE(found);
                CHECK(found.empty() == test.at("valid").as_bool());
                ++judged;
            }
        }
    }
    CHECK(judged > 390);
    CHECK(left_out < 30);
}
