// SPDX-License-Identifier: Apache-2.0
// AFCL's averages over the calls of several processes, and beside a program that writes them as well.
#include "child.hpp"
#include "database.hpp"
#include "on_both.hpp"
#include "records.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <thread>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

TestRecord a_test(int repetition, int rtt_ms, const FdIdentity& identity = an_identity()) {
    TestRecord test;
    test.identity = identity;
    test.test = "small";
    test.repetition = repetition;
    test.passed = true;
    test.round_trip = Milliseconds(rtt_ms);
    test.memory_mb = 256;
    test.at = from_iso8601("2026-11-23T06:48:00Z");
    return test;
}

/// A deployment that calls can be recorded of.
RunId deployed(Store& store, const FdIdentity& identity = an_identity(), const std::string& run = "run-1") {
    const RunId id = store.begin_run(a_run(run));
    store.record_intent(id, an_intent(identity));
    store.record_outcome(id, an_outcome(identity));
    return id;
}

double number(TestDatabase& database, const std::string& sql) {
    return std::stod(database.ask(sql));
}

void check_averages(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = deployed(*store);
    CHECK(number(database, "SELECT invocations FROM functiondeployment") == 0);
    database.ask("UPDATE functiondeployment SET avgLoopCounter = NULL");

    TestRecord test = a_test(0, 100);
    test.cost_usd = 0.25;
    test.duration_ms = 10;
    test.billed_ms = 11;
    store->record_test(run, test);
    store->record_test(run, test); // the answer was lost
    test = a_test(1, 200);
    test.passed = false; // and neither cost nor run time are known
    store->record_test(run, test);
    test = a_test(2, 600);
    test.cost_usd = 0.75;
    test.duration_ms = 30;
    test.memory_mb = 512;
    store->record_test(run, test);
    test = a_test(3, 300);
    test.cost_usd = NAN;
    store->record_test(run, test);

    CHECK(number(database, "SELECT avgRTT FROM functiondeployment") == doctest::Approx(300));
    CHECK(number(database, "SELECT avgRuntime FROM functiondeployment") == doctest::Approx(20));
    CHECK(number(database, "SELECT avgCost FROM functiondeployment") == doctest::Approx(0.5));
    CHECK(number(database, "SELECT successRate FROM functiondeployment") == doctest::Approx(0.75));
    CHECK(database.ask("SELECT invocations, avgLoopCounter FROM functiondeployment") == "4|0\n");
    for (const char* table : {"functionimplementation", "functiontype"}) {
        CHECK(number(database, std::string("SELECT avgRTT FROM ") + table) == doctest::Approx(300));
        CHECK(number(database, std::string("SELECT avgCost FROM ") + table) == doctest::Approx(0.5));
        CHECK(number(database, std::string("SELECT successRate FROM ") + table) == doctest::Approx(0.75));
        CHECK(database.ask(std::string("SELECT invocations FROM ") + table) == "4\n");
    }
    CHECK(number(database, "SELECT billed_ms FROM pyfops_test_result WHERE repetition = 0") == 11);
    CHECK(database.ask("SELECT COUNT(*) FROM pyfops_test_result WHERE counted_fd = fd_id AND weight = 1") ==
          "4\n");
    CHECK(database.ask("SELECT COUNT(*), COUNT(cost_usd), COUNT(counted_fi), COUNT(counted_ft) FROM "
                       "pyfops_test_result") == "4|2|4|4\n");
    CHECK(store->afcl_report({}).differences.empty());

    // The same test once more within a second is another call.
    test = a_test(2, 300);
    test.ordinal = 1;
    store->record_test(run, test);
    CHECK(database.ask("SELECT invocations FROM functiontype") == "5\n");

    const DeploymentRecord record = store->deployments({}).at(0);
    CHECK(record.averages.invocations == 5);
    CHECK(record.averages.rtt_ms == doctest::Approx(300));
    CHECK(record.averages.cost_usd == doctest::Approx(0.5));
}

void check_any_order(TestDatabase& database) {
    // Unknown costs among known ones: the order must not matter, as processes bring them in any.
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    const std::vector<std::optional<double>> costs{1.0, std::nullopt, 5.0, std::nullopt, 6.0};
    int order = 0;
    for (const std::vector<int>& sequence : {std::vector{0, 1, 2, 3, 4}, {1, 3, 0, 2, 4}, {4, 2, 0, 3, 1}}) {
        const FdIdentity identity = an_identity(fmt::format("f{}", ++order));
        deployed(*store, identity);
        for (const int i : sequence) {
            TestRecord test = a_test(i, 100, identity);
            test.cost_usd = costs[static_cast<std::size_t>(i)];
            store->record_test(run, test);
        }
    }
    CHECK(store->deployments({}).size() == 3);
    for (const DeploymentRecord& record : store->deployments({}))
        CHECK(record.averages.cost_usd == doctest::Approx(4));
}

void check_weights(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = deployed(*store);
    TestRecord light = a_test(0, 100), heavy = a_test(1, 200);
    heavy.weight = 3;
    heavy.passed = false;
    store->record_test(run, heavy);
    store->record_test(run, light);
    CHECK(number(database, "SELECT avgRTT FROM functiondeployment") == doctest::Approx(175));
    CHECK(number(database, "SELECT successRate FROM functiontype") == doctest::Approx(0.25));
    CHECK(database.ask("SELECT invocations FROM functionimplementation") == "2\n");
    CHECK(store->afcl_report({}).differences.empty());
}

void check_what_stands(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = deployed(*store);
    // As rows of 2021 are: 20 calls, of which not every average is known.
    database.ask("UPDATE functiondeployment SET avgRTT = 1316.5, successRate = 1, invocations = 20");
    database.ask("UPDATE functionimplementation SET successRate = 1, invocations = 1");
    store->record_test(run, a_test(0, 100));
    CHECK(number(database, "SELECT avgRTT FROM functiondeployment") ==
          doctest::Approx((1316.5 * 20 + 100) / 21).epsilon(1e-12));
    CHECK(database.ask("SELECT invocations FROM functiondeployment") == "21\n");
    CHECK(number(database, "SELECT avgRTT FROM functionimplementation") == doctest::Approx(100));
    store->record_test(run, a_test(1, 300));
    CHECK(number(database, "SELECT avgRTT FROM functionimplementation") == doctest::Approx(200));
    CHECK(database.ask("SELECT successRate + 0, invocations FROM functionimplementation").ends_with("|3\n"));

    // The hourly job writes absolute values, by the link.
    database.ask(
        "UPDATE functiondeployment SET avgRTT = 500, avgRuntime = 40, avgCost = 2, successRate = 0.5, "
        "avgLoopCounter = 3, invocations = 10 WHERE KMS_Arn = '" +
        an_outcome().link + "'");
    TestRecord test = a_test(2, 100);
    test.cost_usd = 13;
    store->record_test(run, test);
    CHECK(number(database, "SELECT avgRTT FROM functiondeployment") ==
          doctest::Approx((500.0 * 10 + 100) / 11).epsilon(1e-12));
    CHECK(number(database, "SELECT avgRuntime FROM functiondeployment") == 40);
    CHECK(number(database, "SELECT avgCost FROM functiondeployment") == doctest::Approx(3));
    CHECK(number(database, "SELECT successRate FROM functiondeployment") == doctest::Approx(6.0 / 11));
    CHECK(database.ask("SELECT invocations, avgLoopCounter FROM functiondeployment") == "11|3\n");
    CHECK(database.ask("SELECT COUNT(*) FROM pyfops_test_result") == "3\n");

    const AfclReport report = store->afcl_report({});
    REQUIRE(report.differences.size() == 2);
    const AverageDifference& deployment = report.differences[0];
    CHECK(deployment.table == "functiondeployment");
    CHECK(deployment.name == "thumbnailAWSPython-eu-central-1");
    REQUIRE(deployment.columns.size() == 5);
    CHECK(deployment.columns[0].name == "avgRTT");
    CHECK(deployment.columns[0].stands == doctest::Approx(5100.0 / 11));
    CHECK(deployment.columns[0].ours == doctest::Approx(500.0 / 3));
    CHECK(deployment.columns[1].name == "avgRuntime");
    CHECK_FALSE(deployment.columns[1].ours);
    CHECK(deployment.columns[2].ours == doctest::Approx(13));
    CHECK(deployment.columns[4].name == "invocations");
    CHECK(deployment.columns[4].stands == 11);
    CHECK(deployment.columns[4].ours == 3);
    const AverageDifference& implementation = report.differences[1];
    CHECK(implementation.table == "functionimplementation");
    REQUIRE(implementation.columns.size() == 1); // 1 and 3 calls, all of which succeeded
    CHECK(implementation.columns[0].name == "invocations");
}

void check_realms(TestDatabase& database) {
    auto store = database.migrated();
    FdIdentity local = an_identity();
    local.realm = Realm::local;
    RunRecord record = a_run("local");
    record.realm = Realm::local;
    const RunId local_run = store->begin_run(record);
    store->record_intent(local_run, an_intent(local));
    store->record_outcome(local_run, an_outcome(local));
    store->record_test(local_run, a_test(0, 7, local));
    CHECK(database.ask("SELECT invocations FROM functiontype") == "1\n");
    CHECK(store->afcl_report({std::nullopt, Realm::local}).differences.empty());
    CHECK(store->afcl_report({std::nullopt, Realm::real}).implementations.empty());

    const RunId run = deployed(*store);
    store->record_test(run, a_test(0, 100));
    CHECK(number(database, "SELECT avgRTT FROM functiontype") == 100);
    CHECK(database.ask("SELECT invocations FROM functiontype") == "1\n");
    store->record_test(local_run, a_test(1, 7, local));
    CHECK(number(database, "SELECT avgRTT FROM functiontype") == 100);
    CHECK(
        database.ask("SELECT f.invocations, p.realm FROM functiondeployment f JOIN pyfops_fd p ON p.fd_id = "
                     "f.id ORDER BY p.realm") == "2|local\n1|real\n");
    CHECK(store->afcl_report({}).differences.empty());
    CHECK(store->afcl_report({std::nullopt, Realm::local}).differences.empty());
    CHECK(store->afcl_report({std::nullopt, Realm::real}).implementations.at(0).links.size() == 1);
}

void check_foreign_types(TestDatabase& database) {
    // A type with real numbers of others stays free of the local cloud's.
    auto store = database.migrated();
    FdIdentity local = an_identity();
    local.realm = Realm::local;
    const RunId run = deployed(*store, local);
    database.ask("UPDATE functiontype SET avgRTT = 55, successRate = 1, invocations = 9");
    store->record_test(run, a_test(0, 7, local));
    CHECK(number(database, "SELECT avgRTT FROM functiontype") == 55);
    CHECK(database.ask("SELECT invocations FROM functiontype") == "9\n");
    CHECK(database.ask("SELECT COUNT(counted_fi), COUNT(counted_ft) FROM pyfops_test_result") == "1|0\n");
    CHECK(store->afcl_report({std::nullopt, Realm::local}).differences.empty());
}

void check_unknown_deployment(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    store->record_test(run, a_test(0, 100));
    CHECK(database.ask("SELECT COUNT(*), COUNT(counted_fd) FROM pyfops_test_result") == "1|0\n");
    CHECK(database.ask("SELECT COUNT(*) FROM pyfops_average") == "0\n");
}

void check_results_of_before(TestDatabase& database) {
    // As version 3 of the schema left it, with a result that was never counted.
    auto store = database.migrated();
    const RunId run = deployed(*store);
    store->record_test(run, a_test(0, 100));
    const bool mariadb = database.url().kind == DatabaseUrl::Kind::mariadb;
    database.ask(std::string("DROP INDEX pyfops_test_result_call") +
                 (mariadb ? " ON pyfops_test_result" : ""));
    for (const char* column :
         {"ordinal", "cost_usd", "billed_ms", "weight", "counted_fd", "counted_fi", "counted_ft"})
        database.ask(std::string("ALTER TABLE pyfops_test_result DROP COLUMN ") + column);
    database.ask("DROP TABLE pyfops_average");
    database.ask("DROP TABLE pyfops_probe");
    for (const char* table : {"functiondeployment", "functionimplementation", "functiontype"})
        database.ask(std::string("UPDATE ") + table +
                     " SET avgRTT = NULL, successRate = NULL, invocations = 0");
    database.ask("DELETE FROM pyfops_schema_version WHERE version = 4");

    store = database.migrated();
    CHECK(store->check().differences == std::vector<std::string>{});
    CHECK(database.ask("SELECT COUNT(*), COUNT(counted_fd), SUM(ordinal) FROM pyfops_test_result") ==
          "1|0|0\n");
    store->record_test(run, a_test(0, 100));
    CHECK(database.ask("SELECT invocations FROM functiondeployment") == "0\n");
    store->record_test(run, a_test(1, 300));
    CHECK(number(database, "SELECT avgRTT FROM functiondeployment") == 300);
    CHECK(store->afcl_report({}).differences.empty());
}

constexpr int processes = 8, calls = 500;

/// The n-th call of a process; some without a cost, two deployments of one implementation.
TestRecord a_call(int process, int call) {
    FdIdentity identity = an_identity();
    if (call % 3 == 0) identity.region = "us-east-1";
    TestRecord test = a_test(call, 20 + (process * 37 + call * 101) % 900, identity);
    test.duration_ms = 0.1 * ((process * 13 + call * 7) % 997);
    if (call % 5 != 0) test.cost_usd = 1e-7 * (1 + (process * 31 + call * 17) % 211);
    test.passed = (process + call) % 7 != 0;
    return test;
}

/// One after the other, by the plain formula.
struct Serial {
    double rtt = 0, runtime = 0, cost = 0, success = 0;
    int count = 0, costs = 0;
    void add(const TestRecord& test) {
        rtt = (rtt * count + static_cast<double>(test.round_trip.count())) / (count + 1);
        runtime = (runtime * count + *test.duration_ms) / (count + 1);
        success = (success * count + (test.passed ? 1 : 0)) / (count + 1);
        if (test.cost_usd) {
            cost = (cost * costs + *test.cost_usd) / (costs + 1);
            ++costs;
        }
        ++count;
    }
};

bool equal(double one, double other) {
    return std::abs(one - other) <= 1e-9 * std::abs(other);
}

} // namespace

ON_BOTH("every call moves the averages of its deployment and what is above", check_averages)
ON_BOTH("what is not known of a call moves no average, in any order", check_any_order)
ON_BOTH("a weight is a share in the averages", check_weights)
ON_BOTH("averages go on from what stands in the row", check_what_stands)
ON_BOTH("local calls count in a type only where no real one did", check_realms)
ON_BOTH("local calls leave the numbers of others alone", check_foreign_types)
ON_BOTH("results of an older schema are kept and not counted", check_results_of_before)
ON_BOTH("a call of a deployment without a row is kept", check_unknown_deployment)

TEST_CASE("8 processes at once give the averages of one after the other (MariaDB)" *
          doctest::test_suite("mariadb")) {
    if (no_mariadb()) return;
    MariaDbDatabase database;
    {
        auto store = database.migrated();
        FdIdentity other = an_identity();
        other.region = "us-east-1";
        deployed(*store);
        deployed(*store, other);
    }
    Gate gate;
    std::vector<Child> children;
    for (int process = 0; process < processes; ++process)
        children.emplace_back([&, process] {
            auto store = database.open();
            const RunId run = store->begin_run(a_run(fmt::format("run-{}", process)));
            gate.arrive();
            gate.wait();
            for (int call = 0; call < calls; ++call)
                store->record_test(run, a_call(process, call));
        });
    gate.wait_for(processes);
    gate.open();
    for (Child& child : children)
        CHECK(child.wait() == 0);

    Serial all, here, there;
    for (int process = 0; process < processes; ++process)
        for (int call = 0; call < calls; ++call) {
            const TestRecord test = a_call(process, call);
            all.add(test);
            (test.identity.region == "us-east-1" ? there : here).add(test);
        }
    auto store = database.open();
    for (const DeploymentRecord& record : store->deployments({})) {
        const Serial& expected = record.identity.region == "us-east-1" ? there : here;
        CAPTURE(record.identity.region);
        CHECK(record.averages.invocations == expected.count);
        CHECK(equal(record.averages.rtt_ms.value(), expected.rtt));
        CHECK(equal(record.averages.runtime_ms.value(), expected.runtime));
        CHECK(equal(record.averages.cost_usd.value(), expected.cost));
        CHECK(equal(record.averages.success_rate.value(), expected.success));
    }
    for (const char* table : {"functionimplementation", "functiontype"}) {
        CAPTURE(table);
        const auto of = [&](const std::string& column) {
            return number(database, "SELECT " + column + " FROM " + table);
        };
        CHECK(of("invocations") == processes * calls);
        CHECK(equal(of("avgRTT"), all.rtt));
        CHECK(equal(of("avgCost"), all.cost));
        CHECK(equal(of("successRate"), all.success));
    }
    CHECK(store->afcl_report({}).differences.empty());
}

TEST_CASE("nothing is lost beside a job that writes absolute averages (MariaDB)" *
          doctest::test_suite("mariadb")) {
    if (no_mariadb()) return;
    MariaDbDatabase database;
    {
        auto store = database.migrated();
        deployed(*store);
    }
    constexpr int writers = 4, records = 150, updates = 60;
    Gate gate;
    std::vector<Child> children;
    for (int process = 0; process < writers; ++process)
        children.emplace_back([&, process] {
            auto store = database.open();
            const RunId run = store->begin_run(a_run(fmt::format("run-{}", process)));
            gate.arrive();
            gate.wait();
            for (int call = 0; call < records; ++call)
                store->record_test(run, a_test(call, 100));
        });
    children.emplace_back([&] {
        gate.arrive();
        gate.wait();
        for (int i = 1; i <= updates; ++i) {
            database.ask(
                fmt::format("UPDATE functiondeployment SET avgRTT = {}, successRate = 1, avgCost = 0, "
                            "avgLoopCounter = 1, invocations = {} WHERE KMS_Arn = '{}'",
                            500 + 7 * i, 1000 * i, an_outcome().link));
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    gate.wait_for(writers + 1);
    gate.open();
    for (Child& child : children)
        CHECK(child.wait() == 0);
    auto store = database.open();
    const RunId run = store->begin_run(a_run("last"));
    store->record_test(run, a_test(0, 100));
    // Whenever the last update came: our calls behind it count from its values on, each once.
    const DeploymentRecord record = store->deployments({}).at(0);
    const double base = 1000.0 * updates, average = 500 + 7.0 * updates;
    const double ours = static_cast<double>(record.averages.invocations) - base;
    CHECK(ours >= 1);
    CHECK(ours <= writers * records + 1);
    CHECK(equal(record.averages.rtt_ms.value(), (average * base + 100 * ours) / (base + ours)));
    CHECK(database.ask("SELECT COUNT(*), COUNT(counted_fd) FROM pyfops_test_result") ==
          fmt::format("{0}|{0}\n", writers * records + 1));
    // The rows that the job does not write are as our calls make them.
    CHECK(database.ask("SELECT invocations FROM functiontype") == fmt::format("{}\n", writers * records + 1));
    const AfclReport report = store->afcl_report({});
    REQUIRE(report.differences.size() == 1);
    CHECK(report.differences[0].table == "functiondeployment");
}
