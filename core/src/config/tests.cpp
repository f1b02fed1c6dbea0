// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <algorithm>
#include <set>

namespace fs = std::filesystem;

namespace pyfops::config {

const std::vector<std::string> test_keys{"name", "input", "input_file", "expect", "repeat"};

namespace {

const std::vector<std::string> built_kinds{"exact", "subset", "error"};
const std::vector<std::string> reserved_kinds{"schema", "approx"};

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Expectation read_error(const Cursor& cursor) {
    Expectation expect{Expectation::Kind::error, json::object()};
    if (!cursor.value().is_object()) {
        cursor.wrong_type("a mapping with 'type', 'message' or none of them",
                          "for an answer that has a member 'error' write exact: {error: ...}");
        return expect;
    }
    cursor.only({"type", "message"});
    for (const char* key : {"type", "message"})
        if (const auto member = cursor.member(key))
            if (const auto text = member->words()) expect.value.as_object()[key] = *text;
    return expect;
}

Expectation read_expectation(const Cursor& cursor) {
    const Expectation bare{Expectation::Kind::exact, cursor.value()};
    const auto* object = cursor.value().if_object();
    if (!object || object->empty()) return bare;
    const std::string key(object->begin()->key());
    const bool all_kinds = std::all_of(object->begin(), object->end(), [](const auto& entry) {
        return contains(built_kinds, entry.key()) || contains(reserved_kinds, entry.key());
    });
    if (object->size() > 1) {
        if (all_kinds)
            cursor.error("unknown-expectation", "only one kind of expectation can be given",
                         "keep one of them, or write exact: {...} if the answer has these members");
        return bare;
    }
    const Cursor member = *cursor.member(key);
    if (key == "exact") return {Expectation::Kind::exact, member.value()};
    if (key == "subset") return {Expectation::Kind::subset, member.value()};
    if (key == "error") return read_error(member);
    if (contains(reserved_kinds, key)) {
        member.error_at_key(
            "unknown-expectation", "this version does not know the expectation " + in_quotes(key),
            "use exact, subset or error; for an answer with that member write exact: {" + key + ": ...}");
    } else if (const std::string near = nearest(key, built_kinds); !near.empty()) {
        member.warning_at_key("unclear-expectation",
                              "this expects an answer with the member " + in_quotes(key),
                              "did you mean '" + near + "'? if not, write exact: {" + key + ": ...}");
    }
    return bare;
}

json::value read_input_file(const Cursor& cursor, const Context& context) {
    const auto written = cursor.words();
    if (!written) return nullptr;
    const fs::path file = (context.directory / *written).lexically_normal();
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        cursor.error("input-missing", "there is no file " + in_quotes(*written),
                     "the path starts at the project file");
        return nullptr;
    }
    try {
        const JsonLimits limits;
        return parse_json(read_file(file, limits.max_bytes), *written, limits);
    } catch (const Error& failure) {
        cursor.error("bad-input-file", failure.message(), failure.hint());
        return nullptr;
    }
}

TestCase read_test(const Cursor& cursor, const Context& context) {
    TestCase test;
    if (!cursor.is_mapping()) return test;
    cursor.only(test_keys);
    if (const auto name = cursor.required("name", "give it a name, like small")) {
        test.name = name->words().value_or("");
        if (code_points(test.name) > 100) name->error("bad-name", "the name is longer than 100 characters");
    }
    const auto input = cursor.member("input");
    const auto file = cursor.member("input_file");
    if (input && file) {
        file->error_at_key("input-choice", "a test has input or input_file, not both", "remove one");
    } else if (input) {
        test.input = input->value();
    } else if (file) {
        test.input = read_input_file(*file, context);
    } else {
        cursor.error_at_key("missing-key", "a test needs 'input' or 'input_file'",
                            "write input: {} for an empty event");
    }
    if (const auto expect = cursor.member("expect")) test.expect = read_expectation(*expect);
    if (const auto repeat = cursor.member("repeat"))
        test.repeat = static_cast<int>(repeat->integer(1, 1000, "calls").value_or(1));
    return test;
}

} // namespace

std::vector<TestCase> read_tests(const Cursor& cursor, const Context& context) {
    std::vector<TestCase> tests;
    if (!cursor.is_list()) return tests;
    std::set<std::string> names;
    for (const Cursor& item : cursor.items()) {
        TestCase test = read_test(item, context);
        if (!test.name.empty() && !names.insert(test.name).second)
            item.member("name")->error("duplicate-test", "two tests are called " + in_quotes(test.name),
                                       "rename one");
        tests.push_back(std::move(test));
    }
    return tests;
}

} // namespace pyfops::config
