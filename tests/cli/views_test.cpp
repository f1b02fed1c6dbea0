// SPDX-License-Identifier: Apache-2.0
#include "frame/exit_code.hpp"
#include "views/common.hpp"
#include "views/doctor_view.hpp"
#include "views/record_views.hpp"
#include "views/run_view.hpp"
#include "views/stage_views.hpp"

#include "pyfops/secret.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::cli;

namespace {

UnitReport good_unit() {
    UnitReport unit;
    unit.identity = {"demo", "hello", "aws", "eu-central-1", Realm::local, "auto"};
    unit.cloud_name = "demo-hello";
    unit.target.identity = unit.identity;
    unit.target.memory_mb = 128;
    unit.target.timeout_seconds = 30;
    unit.target.python = "3.13";
    unit.target.runtime = "python3.13";
    unit.reached = Stage::test;
    unit.package.emplace();
    unit.package->archive = Bytes(std::string(1536, 'x'));
    unit.package->content_hash = "abc";
    unit.deployment.emplace();
    unit.deployment->identity = unit.identity;
    unit.deployment->link = "arn:aws:lambda:eu-central-1:000000000000:function:demo-hello";
    unit.deployment->memory_mb = 128;
    unit.deployment->action = DeployAction::created;
    unit.deployment->times = {Milliseconds(100), Milliseconds(900), Milliseconds(1000)};
    TestOutcome test;
    test.name = "small";
    test.passed = true;
    test.invocation.output = json::object{{"a", 1}};
    test.invocation.ran_on = "3.11.2";
    unit.tests.push_back(test);
    return unit;
}

UnitReport failed_unit(ErrorKind kind) {
    UnitReport unit = good_unit();
    unit.identity.region = "us-east-1";
    unit.reached = Stage::package;
    unit.deployment.reset();
    unit.tests.clear();
    unit.failed_stage = Stage::deploy;
    unit.failure =
        Error(kind, "not today").context("deploying 'hello' on aws/us-east-1").hint("try tomorrow");
    return unit;
}

std::vector<std::string> keys(const json::object& object) {
    std::vector<std::string> all;
    for (const auto& member : object)
        all.emplace_back(member.key());
    return all;
}

} // namespace

TEST_CASE("every kind of error has its exit code") {
    CHECK(exit_code(ErrorKind::invalid_input) == 2);
    CHECK(exit_code(ErrorKind::not_found) == 2);
    CHECK(exit_code(ErrorKind::unauthenticated) == 3);
    CHECK(exit_code(ErrorKind::storage) == 4);
    CHECK(exit_code(ErrorKind::cancelled) == 130);
    CHECK(exit_code(ErrorKind::function_failed) == 1);
    CHECK(exit_code(ErrorKind::unavailable) == 1);
}

TEST_CASE("a report's exit code is the worst that matters") {
    RunReport report;
    report.units = {good_unit()};
    CHECK(exit_code(report) == 0);
    report.units.push_back(failed_unit(ErrorKind::unauthenticated));
    CHECK(exit_code(report) == 1);
    report.units.erase(report.units.begin());
    CHECK(exit_code(report) == 3);
    report.units.push_back(failed_unit(ErrorKind::storage));
    CHECK(exit_code(report) == 4);
    report.cancelled = true;
    CHECK(exit_code(report) == 130);
    UnitReport wrong_answer = good_unit();
    wrong_answer.tests.front().passed = false;
    CHECK(exit_code(RunReport{{wrong_answer}, false}) == 1);
}

TEST_CASE("the table of a run has a row for each deployment") {
    const RunReport report{{good_unit(), failed_unit(ErrorKind::forbidden)}, false};
    const RunView view{"run", "demo", Realm::local, report, {}};
    CHECK(run_table(view, {}) ==
          "FUNCTION  PROVIDER  REGION        MEMORY  PACKAGE  DEPLOYED IN  VERDICT                  "
          "RESOURCE LINK\n"
          "hello     aws       eu-central-1  128 MB  1.5 KiB        1.0 s  1/1 passed, ran on 3.11  "
          "arn:aws:lambda:eu-central-1:000000000000:function:demo-hello\n"
          "hello     aws       us-east-1     128 MB  1.5 KiB               deploy failed\n");
    CHECK(run_remarks(view, false) == "\nhello aws/us-east-1\n"
                                      "error: deploying 'hello' on aws/us-east-1: not today\n"
                                      "  hint: try tomorrow\n"
                                      "\n1 of 2 deployments failed\n");
}

TEST_CASE("reasons and notices that many share are told once") {
    UnitReport one = good_unit();
    one.notices = {"slow today"};
    UnitReport two = failed_unit(ErrorKind::unavailable);
    two.failure = Error(ErrorKind::unavailable, "no connection");
    two.notices = {"slow today"};
    UnitReport three = two;
    three.identity.function = "other";
    const RunReport report{{one, two, three}, false};
    CHECK(run_remarks({"run", "demo", Realm::real, report, {"for all"}}, false) ==
          "\nhello aws/us-east-1\nother aws/us-east-1\nerror: no connection\n"
          "\nnote: for all\nnote: slow today (3 deployments)\n"
          "\n2 of 3 deployments failed\n");
}

TEST_CASE("answers that differ from cloud to cloud are shown with who gave them") {
    UnitReport one = good_unit(), two = good_unit();
    two.identity.provider = "google";
    one.tests.front().invocation.output = json::object{{"n", 1}, {"s", "a"}};
    two.tests.front().invocation.output = json::object{{"s", "a"}, {"n", 1.0}};
    CHECK(run_remarks({"run", "demo", Realm::real, {{one, two}, false}, {}}, false).empty());
    two.tests.front().invocation.output = json::object{{"s", "a"}, {"n", 2}, {"more", "\x1b[2J"}};
    const RunReport report{{one, two}, false};
    const RunView view{"run", "demo", Realm::real, report, {}};
    const std::string name = one.tests.front().name;
    CHECK(run_remarks(view, false) ==
          "\nhello\ndiffers: test '" + name +
              "' is not answered alike everywhere\n"
              "  aws/eu-central-1: {\"n\":1,\"s\":\"a\"}\n"
              "  google/eu-central-1: {\"more\":\"\\u001b[2J\",\"n\":2,\"s\":\"a\"}\n"
              "  at /n: 1 against 2\n  at /more: nothing against \"\\u001b[2J\"\n");
    const json::object told = run_json(view).at("disagreements").at(0).as_object();
    CHECK(told.at("differences").at(0).at("path") == "/n");
    CHECK(told.at("groups").at(1).at("deployments").at(0).at("provider") == "google");
}

TEST_CASE("a secret across the place where a long answer is cut is not shown in part") {
    const Secret secret("very-secret-value");
    UnitReport one = good_unit(), two = good_unit();
    one.tests.front().invocation.output = json::string(std::string(90, 'a') + secret.expose());
    two.tests.front().invocation.output = json::string("b");
    const RunReport report{{one, two}, false};
    CHECK(run_remarks({"run", "demo", Realm::real, report, {}}, false).find("very-s") == std::string::npos);
}

TEST_CASE("the JSON of a run keeps its documented keys in their order") {
    const RunReport report{{good_unit(), failed_unit(ErrorKind::forbidden)}, false};
    const json::object document = run_json({"run", "demo", Realm::local, report, {}});
    CHECK(keys(document) == std::vector<std::string>{"schema", "command", "project", "realm", "succeeded",
                                                     "cancelled", "deployments", "disagreements", "notices",
                                                     "record_failure"});
    CHECK(document.at("schema") == "pyfops.run/1");
    const json::object& unit = document.at("deployments").at(0).as_object();
    CHECK(keys(unit) == std::vector<std::string>{"function",   "provider",     "region",    "realm",
                                                 "slot",       "cloud_name",   "memory_mb", "timeout_s",
                                                 "python",     "runtime",      "reached",   "succeeded",
                                                 "verdict",    "failed_stage", "failure",   "package",
                                                 "deployment", "tuning",       "tests",     "notices"});
    CHECK(unit.at("package").at("bytes") == 1536);
    CHECK(unit.at("deployment").at("total_ms") == 1000);
    CHECK(unit.at("tests").at(0).at("output").at("a") == 1);
    const json::object& failure = document.at("deployments").at(1).at("failure").as_object();
    CHECK(keys(failure) == std::vector<std::string>{"kind", "message", "where", "hint", "provider"});
    CHECK(failure.at("kind") == "forbidden");
}

TEST_CASE("an error shows the provider's words apart and without tricks") {
    const Error error = Error(ErrorKind::conflict, "the name is taken")
                            .context("deploying 'a'")
                            .provider(409, "ResourceConflictException", "ex\x1b[2Jists\nerror: fake")
                            .hint("choose another name");
    CHECK(render(error, false) ==
          "error: deploying 'a': the name is taken\n"
          "  the provider says: 409 ResourceConflictException: ex\\x1b[2Jists\\x0aerror: fake\n"
          "  hint: choose another name\n");
}

TEST_CASE("implementations are shown once for all their regions") {
    UnitReport unit = good_unit();
    unit.written = std::filesystem::absolute("dist") / "aws" / "hello.zip";
    UnitReport other_region = unit;
    other_region.identity.region = "us-east-1";
    const RunReport report{{unit, other_region}, false};
    const auto rows = implementations(report, "dist");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].regions == std::vector<std::string>{"eu-central-1", "us-east-1"});
    CHECK(rows[0].output == "dist/aws/hello.zip");
}

TEST_CASE("a function error reads like a traceback") {
    FunctionError error;
    error.type = "ValueError";
    error.message = "no";
    error.stack = {"  File \"a.py\", line 3, in handler\n", "    raise\x1b[0m ValueError"};
    CHECK(render(error, false) == "function error: ValueError: no\n"
                                  "  File \"a.py\", line 3, in handler\n"
                                  "    raise\\x1b[0m ValueError\n");
}

TEST_CASE("findings end with their count") {
    Finding warning;
    warning.severity = Severity::warning;
    warning.summary = "old runtime";
    Finding error;
    error.summary = "unknown key";
    CHECK(render(std::vector<Finding>{error, warning, error}, false).ends_with("2 errors, 1 warning\n"));
    CHECK(render(std::vector<Finding>{}, false).empty());
}

TEST_CASE("names of failed deployments cannot command the terminal") {
    const std::string text =
        cli::render_failures({{"evil\x1b[2J aws/eu-central-1", Error(ErrorKind::internal, "broken")}}, false);
    CHECK(text == "\nevil\\x1b[2J aws/eu-central-1\nerror: broken\n");
}

TEST_CASE("JSON on one line is spelled as JSON on several") {
    const json::value value{
        {"z", 2.0}, {"a", {-0.0, 1e300, 0.1}}, {"s", "\"\n"}, {"o", json::object()}, {"l", json::array()}};
    CHECK(cli::compact_json(value) == R"({"z":2.0,"a":[-0.0,1e+300,0.1],"s":"\"\n","o":{},"l":[]})");
    std::string pretty = pretty_json(value);
    std::erase_if(pretty, [](char c) { return c == ' ' || c == '\n'; });
    CHECK(cli::compact_json(value) == pretty);
}

TEST_CASE("what the doctor says is wrapped below itself") {
    const std::string text =
        doctor_text({{"area", Check::State::note,
                      "a: none (tried: " + std::string(60, 'x') + "; the second source)", "do this"}},
                    {});
    CHECK(text == "area\n  note  a: none (tried:\n        " + std::string(60, 'x') +
                      "; the second\n        source)\n        do this\n");
}
