// SPDX-License-Identifier: Apache-2.0
#include "views/junit_view.hpp"

#include "pyfops/secret.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::cli;

namespace {

UnitReport unit_in(const std::string& region) {
    UnitReport unit;
    unit.identity = {"demo", "hello", "aws", region, Realm::local, "auto"};
    unit.target.identity = unit.identity;
    unit.target.memory_mb = 128;
    unit.reached = Stage::test;
    return unit;
}

TestOutcome outcome(std::string name, std::string reason = {}, int repetition = 0) {
    TestOutcome test;
    test.name = std::move(name);
    test.repetition = repetition;
    test.passed = reason.empty();
    test.reason = std::move(reason);
    test.invocation.output = 5;
    test.invocation.round_trip = Milliseconds(1250);
    test.invocation.ran_on = "3.11.2";
    return test;
}

std::string xml(const RunReport& report) {
    return junit_xml({"run", "demo", Realm::local, report, {}});
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a run as JUnit XML has a suite for each deployment and a case for each call") {
    UnitReport good = unit_in("eu-central-1");
    good.deployment.emplace();
    good.deployment->memory_mb = 256;
    good.deployment->link = "arn:1";
    good.tests = {outcome("small"), outcome("large", "", 0), outcome("large", "expected 1, got 5", 1)};
    UnitReport failed = unit_in("us-east-1");
    failed.failed_stage = Stage::package;
    failed.failure = Error(ErrorKind::forbidden, "not <today>");
    UnitReport cancelled = unit_in("us-west-2");
    cancelled.failed_stage = Stage::test;
    cancelled.failure = Error(ErrorKind::cancelled, "stopped");
    CHECK(xml({{good, failed, cancelled}, true}) == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="pyfops run demo" tests="5" failures="1" errors="1" time="3.750">
  <testsuite name="hello aws/eu-central-1" tests="3" failures="1" errors="0" skipped="0" time="3.750">
    <properties>
      <property name="memory_mb" value="256"/>
      <property name="link" value="arn:1"/>
      <property name="ran_on" value="3.11.2"/>
    </properties>
    <testcase name="small" classname="demo.hello aws/eu-central-1" time="1.250"/>
    <testcase name="large [1]" classname="demo.hello aws/eu-central-1" time="1.250"/>
    <testcase name="large [2]" classname="demo.hello aws/eu-central-1" time="1.250">
      <failure message="expected 1, got 5" type="verdict">expected 1, got 5&#10;answer: 5</failure>
    </testcase>
  </testsuite>
  <testsuite name="hello aws/us-east-1" tests="1" failures="0" errors="1" skipped="0" time="0.000">
    <properties>
      <property name="memory_mb" value="128"/>
    </properties>
    <testcase name="deploy" classname="demo.hello aws/us-east-1" time="0.000">
      <error message="not &lt;today&gt;" type="forbidden">error: not &lt;today&gt;&#10;</error>
    </testcase>
  </testsuite>
  <testsuite name="hello aws/us-west-2" tests="1" failures="0" errors="0" skipped="1" time="0.000">
    <properties>
      <property name="memory_mb" value="128"/>
    </properties>
    <testcase name="test" classname="demo.hello aws/us-west-2" time="0.000">
      <skipped message="stopped"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("untrusted text cannot leave its place in the XML") {
    const Secret key(std::string("s3cr3t-value"));
    UnitReport unit = unit_in("r");
    TestOutcome test =
        outcome("\"><x a='&", "]]> </failure>\x01\x1b\n\t\xff \xef\xbf\xbf\xc2\x85 s3cr3t-value");
    test.invocation.output.reset();
    test.invocation.error = FunctionError{FunctionError::Cause::raised, "E<", "", {"line & 1"}};
    unit.tests = {test};
    const std::string text = xml({{unit}, false});
    CHECK(contains(text, R"(<testcase name="&quot;&gt;&lt;x a='&amp;" )"));
    CHECK(contains(text,
                   "<failure message=\"]]&gt; &lt;/failure&gt;&#10;&#9;\xef\xbf\xbd  ***\" type=\"E&lt;\">"));
    CHECK(contains(text, "line &amp; 1</failure>"));
    CHECK_FALSE(contains(text, "s3cr3t"));
    for (const char c : text)
        CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
}

TEST_CASE("a secret where a long answer is cut is not shown in part") {
    const Secret key(std::string("s3cr3t-value"));
    UnitReport unit = unit_in("r");
    unit.tests = {outcome("long", "no")};
    for (std::size_t before = 3970; before < 3995; ++before) {
        unit.tests.front().invocation.output = json::value(std::string(before, 'a') + "s3cr3t-value");
        CHECK_FALSE(contains(xml({{unit}, false}), "s3cr"));
    }
    CHECK(xml({{unit}, false}).size() < 6000);
}

TEST_CASE("what could not be recorded is an error of the record") {
    RunReport report{{}, false};
    report.record_failure = Error(ErrorKind::storage, "the disk is full");
    const std::string text = xml(report);
    CHECK(contains(text, "<testsuite name=\"record\" tests=\"1\" failures=\"0\" errors=\"1\""));
    CHECK(contains(text, "<error message=\"the disk is full\" type=\"storage\">"));
}
