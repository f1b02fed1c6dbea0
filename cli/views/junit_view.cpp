// SPDX-License-Identifier: Apache-2.0
#include "views/junit_view.hpp"

#include "pyfops/secret.hpp"
#include "pyfops/utf8.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>
#include <vector>

namespace pyfops::cli {

namespace {

/// Text as XML 1.0 allows it. Characters that it has no way to write are left out.
std::string escaped(std::string_view untrusted) {
    const std::string text = redact(untrusted);
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = first_code_point(std::string_view(text).substr(at));
        const char32_t c = point.valid ? point.value : U'\ufffd';
        at += point.bytes;
        if (c == '&') {
            result += "&amp;";
        } else if (c == '<') {
            result += "&lt;";
        } else if (c == '>') {
            result += "&gt;";
        } else if (c == '"') {
            result += "&quot;";
        } else if (c == '\n' || c == '\t') {
            result += fmt::format("&#{};", static_cast<unsigned>(c)); // an attribute keeps them only so
        } else if (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c != 0xfffe && c != 0xffff) {
            append_utf8(result, c);
        }
    }
    return result;
}

std::string attribute(std::string_view name, std::string_view value) {
    return fmt::format(" {}=\"{}\"", name, escaped(value));
}

std::string seconds(Milliseconds time) {
    return fmt::format("{:.3f}", static_cast<double>(time.count()) / 1000);
}

struct Counts {
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
    Milliseconds time{};

    Counts& operator+=(const Counts& other) {
        tests += other.tests;
        failures += other.failures;
        errors += other.errors;
        skipped += other.skipped;
        time += other.time;
        return *this;
    }
};

/// One test suite, written as it grows.
class Suite {
  public:
    Suite(std::string project, std::string name)
        : name_(std::move(name)),
          class_name_(std::move(project) + "." + name_) {}

    void property(std::string_view name, std::string_view value) {
        if (!value.empty())
            properties_ += "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
    }

    void add(const TestOutcome& test, const std::string& name) {
        counts_.time += test.invocation.round_trip;
        std::string failure;
        if (!test.passed) {
            ++counts_.failures;
            const std::string type = test.invocation.error ? test.invocation.error->type : "";
            failure = element("failure", test.reason, type.empty() ? "verdict" : type, details(test));
        }
        test_case(name, test.invocation.round_trip, failure);
    }

    void add(const Error& failure, std::string_view name) {
        if (failure.kind() == ErrorKind::cancelled) {
            ++counts_.skipped;
            test_case(name, {}, "      <skipped" + attribute("message", failure.message()) + "/>\n");
        } else {
            ++counts_.errors;
            test_case(name, {},
                      element("error", failure.message(), to_string(failure.kind()), render(failure, false)));
        }
    }

    const Counts& counts() const noexcept { return counts_; }

    std::string xml() const {
        std::string text = "  <testsuite" + attribute("name", name_);
        text += fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n",
                            counts_.tests, counts_.failures, counts_.errors, counts_.skipped,
                            seconds(counts_.time));
        if (!properties_.empty()) text += "    <properties>\n" + properties_ + "    </properties>\n";
        return text + cases_ + "  </testsuite>\n";
    }

  private:
    static std::string element(std::string_view name, std::string_view message, std::string_view type,
                               std::string_view text) {
        return fmt::format("      <{0}{1}{2}>{3}</{0}>\n", name, attribute("message", message),
                           attribute("type", type), escaped(text));
    }

    static std::string details(const TestOutcome& test) {
        constexpr std::size_t most = 4000;
        std::string text = test.reason;
        if (test.invocation.error)
            for (const std::string& line : test.invocation.error->stack)
                text += "\n" + line;
        if (test.invocation.output) text += "\nanswer: " + canonical_json(*test.invocation.output);
        return excerpt(text, most);
    }

    void test_case(std::string_view name, Milliseconds time, const std::string& inside) {
        ++counts_.tests;
        const std::string start = "    <testcase" + attribute("name", name) +
                                  attribute("classname", class_name_) + attribute("time", seconds(time));
        cases_ += inside.empty() ? start + "/>\n" : start + ">\n" + inside + "    </testcase>\n";
    }

    std::string name_;
    std::string class_name_; ///< with the test's name unique in the file
    std::string properties_;
    std::string cases_;
    Counts counts_;
};

Suite suite_of(const UnitReport& unit, const std::string& project) {
    Suite suite(project, unit.identity.function + " " + place_of(unit.identity));
    const int memory = unit.deployment ? unit.deployment->memory_mb : unit.target.memory_mb;
    if (memory > 0) suite.property("memory_mb", std::to_string(memory));
    if (unit.deployment) suite.property("link", unit.deployment->link);
    std::map<std::string, std::size_t> repetitions;
    for (const TestOutcome& test : unit.tests)
        ++repetitions[test.name];
    if (!unit.tests.empty()) suite.property("ran_on", unit.tests.front().invocation.ran_on);
    for (const TestOutcome& test : unit.tests)
        suite.add(test, repetitions[test.name] == 1 ? test.name
                                                    : fmt::format("{} [{}]", test.name, test.repetition + 1));
    if (unit.failure) {
        const bool before = !unit.failed_stage || *unit.failed_stage <= Stage::deploy;
        suite.add(*unit.failure, before ? "deploy" : to_string(*unit.failed_stage));
    }
    return suite;
}

} // namespace

std::string junit_xml(const RunView& view) {
    Counts all;
    std::string suites;
    const auto take = [&](const Suite& suite) {
        all += suite.counts();
        suites += suite.xml();
    };
    for (const UnitReport& unit : view.report.units)
        take(suite_of(unit, view.project));
    if (view.report.record_failure) {
        Suite record(view.project, "record");
        record.add(*view.report.record_failure, "record");
        take(record);
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
           attribute("name", "pyfops " + view.command + " " + view.project) +
           fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n", all.tests, all.failures,
                       all.errors, seconds(all.time)) +
           suites + "</testsuites>\n";
}

} // namespace pyfops::cli
