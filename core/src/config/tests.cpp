// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace fs = std::filesystem;

namespace pyfops::config {

const std::vector<std::string> test_keys{"name",   "input",        "input_file", "inputs", "expect",
                                         "repeat", "max_duration", "weight",     "warm_up"};

namespace {

constexpr std::size_t most_inputs = 1000;
constexpr std::size_t most_input_bytes = 64u << 20; // of a folder
constexpr std::size_t longest_name = 100;

json::value read_input_file(const Cursor& cursor, const Context& context) {
    const auto file = read_file_path(cursor, context, "input-missing");
    if (!file) return nullptr;
    try {
        const JsonLimits limits;
        return parse_json(read_file(*file, limits.max_bytes), cursor.words().value(), limits);
    } catch (const Error& failure) {
        cursor.error("bad-input-file", failure.message(), failure.hint());
        return nullptr;
    }
}

double read_weight(const Cursor& cursor) {
    constexpr double largest = 1e6;
    const auto number = cursor.number("a number above 0");
    if (number && *number > 0 && *number <= largest) return *number;
    if (number) cursor.error("out-of-range", cursor.name() + " must be above 0 and at most 1000000");
    return 1;
}

bool is_plain(std::string_view name) {
    return !first_invalid_utf8(name) && std::none_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

/// A folder of inputs: each <stem>.json is one, <stem>.expect.json beside it what it must give.
class InputFolder {
  public:
    InputFolder(const Cursor& cursor, fs::path folder) : cursor_(cursor), folder_(std::move(folder)) {}

    std::vector<TestCase> tests(const TestCase& pattern) {
        std::vector<TestCase> result;
        if (!list()) return result;
        for (const std::string& stem : inputs_) {
            TestCase test = pattern;
            test.name += "/" + stem;
            if (!is_plain(stem) || code_points(test.name) > longest_name) {
                cursor_.error("bad-name",
                              is_plain(stem) ? fmt::format("the name {} is longer than {} characters",
                                                           in_quotes(test.name), longest_name)
                                             : "a file's name has control characters or is no UTF-8",
                              "rename the file");
                continue;
            }
            test.input = read(stem + ".json", "bad-input-file");
            if (expectations_.contains(stem))
                test.expect = {Expectation::Kind::exact, read(stem + ".expect.json", "bad-expectation-file")};
            result.push_back(std::move(test));
        }
        return result;
    }

  private:
    /// False after a finding that leaves nothing to read.
    bool list() {
        constexpr std::string_view suffix = ".json", expected_suffix = ".expect.json";
        std::error_code failure;
        for (fs::directory_iterator entry(folder_, failure), end; !failure && entry != end;
             entry.increment(failure)) {
            const std::string name = entry->path().filename().string();
            std::error_code ignored;
            if (name.starts_with('.') || !name.ends_with(suffix) || !entry->is_regular_file(ignored))
                continue;
            const bool expected = name.ends_with(expected_suffix);
            const std::size_t ending = expected ? expected_suffix.size() : suffix.size();
            (expected ? expectations_ : inputs_).insert(name.substr(0, name.size() - ending));
            if (std::max(inputs_.size(), expectations_.size()) > most_inputs) {
                cursor_.error("too-many-inputs",
                              fmt::format("more than {} inputs are in the folder {}", most_inputs,
                                          in_quotes(written())),
                              "make several folders of it");
                return false;
            }
        }
        if (failure) {
            cursor_.error("input-missing", fmt::format("the folder {} cannot be read: {}",
                                                       in_quotes(written()), failure.message()));
            return false;
        }
        for (const std::string& stem : expectations_)
            if (!inputs_.contains(stem))
                cursor_.error("expectation-without-input",
                              "there is no input for " + in_quotes(stem + ".expect.json"),
                              is_plain(stem) ? "add " + in_quotes(stem + ".json") + " or remove it" : "");
        if (inputs_.empty())
            cursor_.error("no-inputs", "no .json file is in the folder " + in_quotes(written()));
        return true;
    }

    json::value read(const std::string& name, const std::string& code) {
        const std::string shown = (fs::path(written()) / name).string();
        try {
            JsonLimits limits;
            const std::string text = read_file(folder_ / name, limits.max_bytes);
            bytes_ += text.size();
            if (bytes_ > most_input_bytes)
                throw Error(ErrorKind::invalid_input, fmt::format("the files up to {} have more than {} MB",
                                                                  shown, most_input_bytes >> 20));
            return parse_json(text, shown, limits);
        } catch (const Error& failure) {
            cursor_.error(code, failure.message(), failure.hint());
            return nullptr;
        }
    }

    std::string written() const { return std::string(cursor_.value().get_string()); }

    const Cursor& cursor_;
    fs::path folder_;
    std::set<std::string> inputs_, expectations_; // stems
    std::size_t bytes_ = 0;
};

std::vector<TestCase> read_inputs(const Cursor& cursor, const Context& context, const TestCase& pattern) {
    const auto written = cursor.words();
    if (!written) return {};
    const fs::path folder = (context.directory / *written).lexically_normal();
    std::error_code ignored;
    if (fs::is_directory(folder, ignored)) return InputFolder(cursor, folder).tests(pattern);
    cursor.error("input-missing", "there is no folder " + in_quotes(*written),
                 "the path starts at the project file");
    return {};
}

/// One test, or one for each input of its folder.
std::vector<TestCase> read_test(const Cursor& cursor, const Context& context) {
    TestCase test;
    if (!cursor.is_mapping()) return {};
    cursor.only(test_keys);
    if (const auto name = cursor.required("name", "give it a name, like small")) {
        test.name = name->words().value_or("");
        if (code_points(test.name) > longest_name)
            name->error("bad-name", fmt::format("the name is longer than {} characters", longest_name));
    }
    if (const auto expect = cursor.member("expect")) test.expect = read_expectation(*expect, context);
    if (const auto repeat = cursor.member("repeat"))
        test.repeat = static_cast<int>(repeat->integer(1, 1000, "calls").value_or(1));
    if (const auto calls = cursor.member("warm_up"))
        test.warm_up = static_cast<int>(calls->integer(0, 100, "calls").value_or(0));
    if (const auto most = cursor.member("max_duration")) test.max_duration = read_duration(*most);
    if (const auto weight = cursor.member("weight")) test.weight = read_weight(*weight);

    const auto input = cursor.member("input");
    const auto file = cursor.member("input_file");
    const auto folder = cursor.member("inputs");
    const Cursor* second = file && (input || folder) ? &*file : folder && input ? &*folder : nullptr;
    if (second) {
        second->error_at_key("input-choice", "a test has one of input, input_file and inputs",
                             "remove the others");
    } else if (input) {
        test.input = input->value();
    } else if (file) {
        test.input = read_input_file(*file, context);
    } else if (folder) {
        return read_inputs(*folder, context, test);
    } else {
        cursor.error_at_key("missing-key", "a test needs 'input', 'input_file' or 'inputs'",
                            "write input: {} for an empty event");
    }
    return {std::move(test)};
}

} // namespace

std::vector<TestCase> read_tests(const Cursor& cursor, const Context& context) {
    std::vector<TestCase> tests;
    if (!cursor.is_list()) return tests;
    std::set<std::string> names;
    for (const Cursor& item : cursor.items()) {
        for (TestCase& test : read_test(item, context)) {
            if (!test.name.empty() && !names.insert(test.name).second)
                item.member("name")->error("duplicate-test", "two tests are called " + in_quotes(test.name),
                                           "rename one");
            tests.push_back(std::move(test));
        }
    }
    return tests;
}

} // namespace pyfops::config
