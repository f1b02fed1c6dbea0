// SPDX-License-Identifier: Apache-2.0
// What is read back: probes, runs, and AFCL's values by implementation and deployment.
#include "database.hpp"
#include "on_both.hpp"
#include "records.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

ProbeRecord a_probe(int ordinal, int memory_mb, const FdIdentity& identity = an_identity()) {
    ProbeRecord probe;
    probe.identity = identity;
    probe.ordinal = ordinal;
    probe.memory_mb = memory_mb;
    probe.verdict = "passed";
    probe.calls = 3;
    probe.at = from_iso8601("2026-11-23T06:50:00Z");
    return probe;
}

void check_probes(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    ProbeRecord small = a_probe(2, 128);
    small.verdict = "too small";
    small.reason = "killed at 130 MB \xF0\x9F\x98\x80 '?'";
    small.doubtful = true;
    store->record_probe(run, small);
    store->record_probe(run, small);
    ProbeRecord large = a_probe(1, 3008);
    large.peak_mb = 131.5;
    large.duration_ms = 20.25;
    large.cost_usd = 1.5e-7;
    store->record_probe(run, large);
    FdIdentity local = an_identity("thumbnail", "other");
    local.realm = Realm::local;
    store->record_probe(run, a_probe(1, 256, local));

    const auto real = store->probes({std::nullopt, Realm::real});
    REQUIRE(real.size() == 2);
    CHECK(real[0].memory_mb == 3008);
    CHECK(real[0].peak_mb == 131.5);
    CHECK(real[0].duration_ms == 20.25);
    CHECK(real[0].cost_usd == doctest::Approx(1.5e-7));
    CHECK_FALSE(real[0].doubtful);
    CHECK(real[1].identity == an_identity());
    CHECK(real[1].ordinal == 2);
    CHECK(real[1].verdict == "too small");
    CHECK(real[1].reason == small.reason);
    CHECK_FALSE(real[1].peak_mb);
    CHECK(real[1].calls == 3);
    CHECK(real[1].doubtful);
    CHECK(real[1].at == small.at);
    CHECK(store->probes({"other"}).size() == 1);
    CHECK(store->probes({"demo", Realm::local}).empty());
    CHECK(store->probes({}).size() == 3);
}

void check_runs(TestDatabase& database) {
    auto store = database.migrated();
    RunRecord late = a_run("late"), local = a_run("local");
    late.started += std::chrono::hours(1);
    local.realm = Realm::local;
    const RunId second = store->begin_run(late);
    const RunId first = store->begin_run(a_run("early"));
    store->begin_run(local);
    store->finish_run(first, late.started, false, "1 of 2 failed");
    StageRecord stage{an_identity(), Stage::deploy, late.started, Milliseconds(5), true, "created", "", ""};
    store->record_stage(second, stage);
    stage.stage = Stage::test;
    store->record_stage(second, stage);
    TestRecord test;
    test.identity = an_identity();
    test.passed = true;
    test.at = late.started;
    store->record_test(second, test);
    test.repetition = 1;
    test.passed = false;
    store->record_test(second, test);
    store->record_probe(second, a_probe(1, 128));

    const auto runs = store->runs({"demo", Realm::real});
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].uuid == "early");
    CHECK(runs[0].succeeded == false);
    CHECK(runs[0].finished == to_iso8601(late.started));
    CHECK(runs[0].summary == "1 of 2 failed");
    CHECK(runs[0].deployments == 0);
    CHECK(runs[1].uuid == "late");
    CHECK_FALSE(runs[1].succeeded);
    CHECK(runs[1].finished.empty());
    CHECK(runs[1].deployments == 1);
    CHECK(runs[1].tests == 2);
    CHECK(runs[1].passed == 1);
    CHECK(runs[1].probes == 1);
    CHECK(store->runs({"other"}).empty());
    CHECK(store->runs({}).size() == 3);
}

void check_afcl_values(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    FdIdentity there = an_identity();
    there.region = "us-east-1";
    const FdIdentity alone = an_identity("resize");
    for (const FdIdentity& identity : {an_identity(), there, alone})
        store->record_intent(run, an_intent(identity));
    OutcomeRecord outcome = an_outcome(an_identity(), 1000);
    outcome.minimum_memory_mb = 192;
    store->record_outcome(run, outcome);
    outcome = an_outcome(there, 2000);
    outcome.minimum_memory_mb = 128;
    outcome.package_bytes = 5000;
    store->record_outcome(run, outcome);

    AfclReport report = store->afcl_report({"demo", Realm::real});
    CHECK(report.differences.empty());
    REQUIRE(report.implementations.size() == 2);
    const AfclImplementation& unfinished = report.implementations[0];
    CHECK(unfinished.function == "resize");
    CHECK_FALSE(unfinished.deployment_ms);
    CHECK_FALSE(unfinished.package_bytes);
    CHECK_FALSE(unfinished.minimum_memory_mb);
    CHECK(unfinished.links.empty());
    CHECK(unfinished.deployments.at(0).link.empty());
    const AfclImplementation& whole = report.implementations[1];
    CHECK(whole.name == "thumbnailAWSPython");
    CHECK(whole.deployment_ms == 1500);
    CHECK(whole.package_bytes == 5000);
    CHECK(whole.minimum_memory_mb == 192);
    CHECK(whole.links == std::vector{an_outcome().link, an_outcome(there).link});
    REQUIRE(whole.deployments.size() == 2);
    CHECK(whole.deployments[0].deployment_ms == 1000);
    CHECK(whole.deployments[0].package_bytes == 4321);
    CHECK(whole.deployments[0].minimum_memory_mb == 192);
    CHECK(whole.deployments[1].name == "thumbnailAWSPython-us-east-1");
    CHECK(whole.deployments[1].identity == there);

    store->record_destroyed(run, there, from_iso8601("2026-11-23T07:00:00Z"));
    CHECK(store->afcl_report({"demo"}).implementations.at(1).deployments.size() == 1);
    CHECK(store->afcl_report({"demo", Realm::real, true}).implementations.at(1).deployments.size() == 2);
    CHECK(store->afcl_report({"other"}).implementations.empty());
    database.ask("DELETE FROM functiondeployment");
    CHECK(store->afcl_report({}).implementations.empty());
}

} // namespace

ON_BOTH("probes are read back as they were recorded", check_probes)
ON_BOTH("runs are read back with what they came to", check_runs)
ON_BOTH("AFCL's four values come by implementation and by deployment", check_afcl_values)
