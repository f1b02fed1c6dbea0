// SPDX-License-Identifier: Apache-2.0
// What holds on either database.
#include <doctest/doctest.h>

#include "database.hpp"
#include "on_both.hpp"
#include "records.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

using namespace pyfops;
using namespace pyfops::testing;

#define CHECK_STORAGE_ERROR(expression, part)                                                                \
    try {                                                                                                    \
        expression;                                                                                          \
        FAIL("no error");                                                                                    \
    } catch (const Error& error) {                                                                           \
        CHECK(error.kind() == ErrorKind::storage);                                                           \
        CHECK_MESSAGE(std::string(error.what()).find(part) != std::string::npos, error.what());              \
        CHECK_FALSE(error.hint().empty());                                                                   \
    }

namespace {

void check_migrate_from_nothing(TestDatabase& database) {
    auto store = database.open();
    const SchemaReport before = store->check();
    CHECK(before.version == 0);
    REQUIRE(before.differences.size() == 1);
    CHECK_STORAGE_ERROR(store->begin_run(a_run()), "the schema has version 0");
    const SchemaReport after = store->migrate();
    CHECK(after.version == after.latest);
    CHECK(after.differences == std::vector<std::string>{});
    CHECK(after.findings == std::vector<std::string>{});
    CHECK(database.ask("SELECT id, name FROM provider ORDER BY id") ==
          "1|AWS\n2|IBM\n3|Google\n4|Microsoft\n5|Alibaba\n");
    CHECK(
        database.ask("SELECT id, name, idAWS, idIBM FROM language WHERE id IN (0, 5, 17, 22) ORDER BY id") ==
        "0|Java 8|java8|java (JDK 8)\n5|Python 3.7|python3.7|python:3.7\n17|Python 3.9|python3.9|NULL\n"
        "22|Python 3.14|python3.14|NULL\n");
    // Again: nothing to do.
    CHECK(database.open()->migrate().version == after.version);
    CHECK(database.ask("SELECT COUNT(*) FROM provider") == "5\n");
    CHECK(database.ask("SELECT COUNT(*) FROM language") == "23\n");
}

void check_a_deployment(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    CHECK(store->begin_run(a_run()) == run);
    IntentRecord intent = an_intent();
    intent.environment = {{"MODE", "fast"}};
    const RecordedIntent recorded = store->record_intent(run, intent);
    CHECK(recorded.type_name == "thumbnail");
    CHECK(recorded.implementation_name == "thumbnailAWSPython");
    CHECK(recorded.deployment_name == "thumbnailAWSPython-eu-central-1");
    CHECK(recorded.notices == std::vector<std::string>{});
    auto found = store->deployments({});
    REQUIRE(found.size() == 1);
    CHECK(found[0].state == "intent");
    CHECK_FALSE(found[0].deployed);
    CHECK(found[0].memory_mb == 128);

    store->record_outcome(run, an_outcome());
    found = store->deployments({});
    REQUIRE(found.size() == 1);
    CHECK(found[0].identity == intent.identity);
    CHECK(found[0].row == recorded.row);
    CHECK(found[0].state == "deployed");
    CHECK(found[0].deployed);
    CHECK(found[0].link == an_outcome().link);
    CHECK(found[0].memory_mb == 256);
    CHECK(found[0].timeout_seconds == 60);
    CHECK(found[0].package_bytes == 4321);
    CHECK(found[0].deployment_time.count() == 1000);
    CHECK_FALSE(found[0].minimum_memory_mb);
    CHECK(
        database.ask(
            "SELECT f.name, i.name, t.name, t.type, i.packageSize, i.implementationFilePath, l.name, "
            "r.region, "
            "r.provider, r.location, r.providerID, f.description, f.handlerName, f.input, f.isDeployed + 0, "
            "f.minMemorySize, f.speedup, f.avgLoopCounter, f.invocations FROM functiondeployment f JOIN "
            "functionimplementation i ON i.id = f.functionImplementation_id JOIN functiontype t ON t.id = "
            "i.functionType_id JOIN language l ON l.id = i.language_id JOIN region r ON r.id = f.regionID") ==
        fmt::format(
            "thumbnailAWSPython-eu-central-1|thumbnailAWSPython|thumbnail|thumbnailType|4321|functions/"
            "thumbnail|Python 3.11|eu-central-1|AWS|Frankfurt|1||thumbnail:handler|{{\"w\":200}}|1|NULL|{}|0|"
            "0\n",
            database.url().kind == DatabaseUrl::Kind::sqlite ? "2.0" : "2"));
    CHECK(database.ask("SELECT environmentVariables_KEY, environmentVariables FROM "
                       "functiondeployment_environmentvariables") == "MODE|fast\n");
    CHECK(database.ask("SELECT upload_ms + 0, activation_ms + 0, package_bytes FROM pyfops_deployment")
              .starts_with("100"));

    // The next run: an update, a minimum found, another environment.
    const RunId second = store->begin_run(a_run("run-2"));
    intent.environment = {{"LEVEL", "1"}};
    intent.memory_mb = 999;
    CHECK(store->record_intent(second, intent).row == recorded.row);
    CHECK(store->deployments({})[0].memory_mb == 256); // what is deployed, not what is wanted
    OutcomeRecord outcome = an_outcome(intent.identity, 2000);
    outcome.action = DeployAction::updated;
    outcome.minimum_memory_mb = 192;
    store->record_outcome(second, outcome);
    CHECK(store->deployments({})[0].minimum_memory_mb == 192);
    outcome.minimum_memory_mb.reset();
    store->record_outcome(second, outcome);
    CHECK(store->deployments({})[0].minimum_memory_mb == 192); // it is the same package
    outcome.searched = true;
    store->record_outcome(second, outcome);
    CHECK_FALSE(store->deployments({})[0].minimum_memory_mb); // a search that found none
    outcome.minimum_memory_mb = 192;
    store->record_outcome(second, outcome);
    OutcomeRecord other = outcome;
    other.minimum_memory_mb.reset();
    other.searched = false;
    other.content_hash = std::string(64, 'b');
    store->record_outcome(second, other);
    CHECK_FALSE(store->deployments({})[0].minimum_memory_mb); // another package
    store->record_outcome(second, outcome);
    CHECK(database.ask("SELECT environmentVariables_KEY FROM functiondeployment_environmentvariables") ==
          "LEVEL\n");
    CHECK(database.ask("SELECT COUNT(*) FROM functiondeployment") == "1\n");

    store->record_destroyed(second, intent.identity, from_iso8601("2026-11-23T07:00:00Z"));
    CHECK(store->deployments({}).empty());
    DeploymentFilter all;
    all.with_destroyed = true;
    found = store->deployments(all);
    REQUIRE(found.size() == 1);
    CHECK(found[0].state == "destroyed");
    CHECK_FALSE(found[0].deployed);
    CHECK(found[0].link == outcome.link); // row and link stay
    store->finish_run(second, from_iso8601("2026-11-23T07:01:00Z"), true, "1 of 1");
    CHECK(database.ask("SELECT finished, succeeded, summary FROM pyfops_run WHERE uuid = 'run-2'") ==
          "2026-11-23T07:01:00Z|1|1 of 1\n");
    CHECK(store->check().findings == std::vector<std::string>{});
}

void check_averages(TestDatabase& database) {
    auto store = database.migrated();
    for (int i = 0; i < 4; ++i) {
        const RunId run = store->begin_run(a_run(fmt::format("run-{}", i)));
        store->record_intent(run, an_intent());
        OutcomeRecord outcome =
            an_outcome(an_identity(), std::vector{1000, 3000, 4000, 77}[static_cast<std::size_t>(i)]);
        if (i == 3) outcome.action = DeployAction::unchanged; // no deployment: its time does not count
        store->record_outcome(run, outcome);
        store->record_outcome(run, outcome); // the answer to the first got lost
    }
    CHECK(database.ask("SELECT ROUND(avgDeploymentTime * 3) FROM functiondeployment").starts_with("8000"));
    CHECK(database.ask("SELECT COUNT(*) FROM pyfops_deployment") == "4\n");
    CHECK(store->deployments({})[0].deployment_time.count() == 4000);
}

void check_links(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    store->record_intent(run, an_intent());
    store->record_outcome(run, an_outcome());
    const FdIdentity other = an_identity("resize");
    store->record_intent(run, an_intent(other));
    OutcomeRecord thief = an_outcome(other);
    thief.link = "ARN" + an_outcome().link.substr(3); // readers compare without case
    const std::string before =
        database.ask("SELECT id, name, KMS_Arn, memorySize FROM functiondeployment ORDER BY id");
    try {
        store->record_outcome(run, thief);
        FAIL("the link was taken twice");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::conflict);
        CHECK(std::string(error.what()).find("'thumbnailAWSPython-eu-central-1'") != std::string::npos);
    }
    CHECK(database.ask("SELECT id, name, KMS_Arn, memorySize FROM functiondeployment ORDER BY id") == before);
    // A row of another program has the link.
    database.ask(
        "INSERT INTO functiondeployment (name, KMS_Arn, description, handlerName, isDeployed, memorySize, "
        "timeout) VALUES ('old', 'arn:old', '', '', 1, 128, 3)");
    thief.link = "arn:OLD";
    CHECK_THROWS_AS(store->record_outcome(run, thief), Error);
    // A recreated function has another link; the old one is free again.
    OutcomeRecord moved = an_outcome();
    moved.link = "arn:moved";
    store->record_outcome(run, moved);
    thief.link = an_outcome().link;
    store->record_outcome(run, thief);
    CHECK(database.ask("SELECT COUNT(*) FROM pyfops_link") == "2\n");
    CHECK(store->check().findings == std::vector<std::string>{});
    // Another program breaks it: found, not repaired.
    database.ask(
        "INSERT INTO functiondeployment (name, KMS_Arn, description, handlerName, isDeployed, memorySize, "
        "timeout) VALUES ('copy', 'arn:old', '', '', 1, 128, 3)");
    const auto findings = store->check().findings;
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].find("have the link arn:old") != std::string::npos);
}

void check_realms(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    FdIdentity local = an_identity();
    local.realm = Realm::local;
    store->record_intent(run, an_intent());
    const RecordedIntent recorded = store->record_intent(run, an_intent(local));
    CHECK(recorded.implementation_name == "thumbnailAWSPythonLocal");
    CHECK(recorded.deployment_name == "thumbnailAWSPython-eu-central-1-Local");
    CHECK(recorded.notices == std::vector<std::string>{});
    store->record_outcome(run, an_outcome());
    store->record_outcome(run, an_outcome(local));
    DeploymentFilter filter;
    filter.realm = Realm::local;
    REQUIRE(store->deployments(filter).size() == 1);
    CHECK(store->deployments(filter)[0].identity == local);
    filter.realm = Realm::real;
    REQUIRE(store->deployments(filter).size() == 1);
    CHECK(store->deployments(filter)[0].identity == an_identity());
    store->record_destroyed(run, local, from_iso8601("2026-11-23T07:00:00Z"));
    CHECK(store->deployments(filter)[0].deployed);
    // An implementation never has deployments of both realms: the engine looks for siblings there.
    CHECK(database.ask("SELECT COUNT(DISTINCT functionImplementation_id) FROM functiondeployment") == "2\n");
}

void check_names_told_apart(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    const FdIdentity first = an_identity("hello", "one"), second = an_identity("hello", "two");
    store->record_intent(run, an_intent(first));
    const RecordedIntent recorded = store->record_intent(run, an_intent(second));
    CHECK(recorded.type_name == "hello"); // abstract: both implement it
    CHECK(recorded.implementation_name == "helloAWSPython-two");
    CHECK(recorded.deployment_name == "helloAWSPython-two-eu-central-1");
    REQUIRE(recorded.notices.size() == 1);
    CHECK(recorded.notices[0].find("belongs to the project 'one'") != std::string::npos);
    CHECK(store->record_intent(run, an_intent(second)).notices == std::vector<std::string>{}); // said once
    // The name of a type, but of another type.
    IntentRecord strange = an_intent(an_identity("hello", "three"));
    strange.function_type = "greetingType";
    const RecordedIntent other = store->record_intent(run, strange);
    CHECK(other.type_name == "hello-three");
    CHECK(other.notices.size() == 2); // the name of the implementation is taken too
    CHECK(database.ask("SELECT name, type FROM functiontype ORDER BY id") ==
          "hello|helloType\nhello-three|greetingType\n");
    // Rows of other programs: an implementation nobody of ours knows is taken over, a strange one is not.
    database.ask("INSERT INTO functionimplementation (name, functionType_id, provider) SELECT "
                 "'splitAWSPython', NULL, 1");
    database.ask(
        "INSERT INTO functionimplementation (name, functionType_id, provider) SELECT 'mergeAWSPython', id, 3 "
        "FROM functiontype WHERE name = 'hello'");
    CHECK(store->record_intent(run, an_intent(an_identity("split", "one"))).implementation_name ==
          "splitAWSPython");
    CHECK(store->record_intent(run, an_intent(an_identity("merge", "one"))).implementation_name ==
          "mergeAWSPython-one");
    FdIdentity slot = first;
    slot.slot = "512";
    CHECK(store->record_intent(run, an_intent(slot)).deployment_name == "helloAWSPython-eu-central-1-512");
}

void check_regions_and_languages(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    store->record_intent(run, an_intent());
    IntentRecord alibaba = an_intent();
    alibaba.identity.provider = "alibaba";
    alibaba.provider_afcl_name = alibaba.provider_short = "Alibaba";
    alibaba.python = "3.9";
    alibaba.runtime = "python3.9";
    store->record_intent(run, alibaba);
    IntentRecord own = an_intent();
    own.identity.provider = "acme";
    own.identity.region = "mars";
    own.provider_afcl_name = own.provider_short = "Acme";
    own.python = "3.99";
    own.runtime = "py399";
    store->record_intent(run, own);
    CHECK(database.ask("SELECT region, provider, providerID FROM region ORDER BY id") ==
          "eu-central-1|AWS|1\nalibaba-eu-central-1|Alibaba|5\nmars|Acme|6\n");
    CHECK(database.ask("SELECT name FROM provider WHERE id = 6") == "Acme\n");
    CHECK(database.ask("SELECT id, name, idAWS FROM language WHERE name = 'Python 3.99'") ==
          "23|Python 3.99|NULL\n");
    CHECK(store->deployments({})[1].identity.region == "eu-central-1");
    CHECK(store->check().findings == std::vector<std::string>{});
}

void check_awkward_text(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    IntentRecord intent = an_intent();
    intent.description = "O'Brien said \"ä\\ 日本 \xF0\x9F\x98\x80 : ? ; --\" " + std::string(300, 'x');
    intent.environment = {{"QUOTE", "'; DROP TABLE functiondeployment; -- \\"},
                          {"EMPTY", ""},
                          {"emoji", "\xF0\x9F\x98\x80"},
                          {"LONG", std::string(256, 'v')},
                          {"quote", "same key without case"}};
    intent.first_input = {{"text", "\xF0\x9F\x98\x80 ü"}};
    const RecordedIntent recorded = store->record_intent(run, intent);
    CHECK(recorded.notices.size() == 3);
    CHECK(database.ask("SELECT description FROM functiondeployment")
              .starts_with("O'Brien said \"ä\\ 日本 \xEF\xBF\xBD : ? ; --\" xxx"));
    CHECK(database.ask("SELECT input FROM functiondeployment") == "{\"text\":\"\\ud83d\\ude00 ü\"}\n");
    CHECK(database.ask("SELECT first_input FROM pyfops_fd") == "{\"text\":\"\xF0\x9F\x98\x80 ü\"}\n");
    CHECK(database.ask("SELECT environmentVariables_KEY, environmentVariables FROM "
                       "functiondeployment_environmentvariables ORDER BY environmentVariables_KEY") ==
          "EMPTY|\nQUOTE|'; DROP TABLE functiondeployment; -- \\\n");
    intent.first_input = json::string(std::string(300, 'i'));
    store->record_intent(run, intent);
    CHECK(database.ask("SELECT input FROM functiondeployment") == "NULL\n");
    CHECK(database.ask("SELECT LENGTH(first_input) FROM pyfops_fd") == "302\n");
    intent.first_input = nullptr;
    store->record_intent(run, intent);
    CHECK(database.ask("SELECT first_input FROM pyfops_fd") == "NULL\n");

    StageRecord stage{intent.identity,
                      Stage::deploy,
                      from_iso8601("2026-11-23T06:47:00Z"),
                      Milliseconds(12),
                      false,
                      "",
                      "forbidden",
                      "broken \xff bytes \xF0\x9F\x98\x80 '?'"};
    store->record_stage(run, stage);
    store->record_stage(run, stage);
    CHECK(database.ask("SELECT message FROM pyfops_stage") ==
          "broken \xEF\xBF\xBD bytes \xF0\x9F\x98\x80 '?'\n");
    CHECK(store->deployments({})[0].state == "failed");

    TestRecord test;
    test.identity = intent.identity;
    test.test = "small";
    test.passed = true;
    test.input = json::string(std::string(100'000, 'x'));
    test.output = {{"a", nullptr}};
    test.at = from_iso8601("2026-11-23T06:48:00Z");
    store->record_test(run, test);
    test.repetition = 1;
    test.cold = true;
    test.duration_ms = 1.5;
    store->record_test(run, test);
    store->record_test(run, test);
    CHECK(database.ask(
              "SELECT repetition, passed, LENGTH(input), output, duration_ms, memory_used_mb, cold FROM "
              "pyfops_test_result ORDER BY id") ==
          "0|1|100002|{\"a\":null}|NULL|NULL|NULL\n1|1|100002|{\"a\":null}|1.5|NULL|1\n");
}

void check_newer_refused(TestDatabase& database) {
    auto store = database.migrated();
    database.ask("INSERT INTO pyfops_schema_version (version, name, checksum, applied) VALUES (999, "
                 "'future', '', '')");
    auto again = database.open();
    CHECK_STORAGE_ERROR(again->migrate(), "version 999");
    CHECK_STORAGE_ERROR(again->begin_run(a_run()), "version 999");
    CHECK(again->check().differences.at(0).find("999") != std::string::npos);
    database.ask("DELETE FROM pyfops_schema_version WHERE version = 999");
    database.ask("UPDATE pyfops_schema_version SET checksum = 'edited' WHERE version = 1");
    const SchemaReport report = again->migrate();
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].find("0001_afcl") != std::string::npos);
}

void check_differences(TestDatabase& database) {
    auto store = database.migrated();
    database.ask("ALTER TABLE functiondeployment DROP COLUMN minMemorySize");
    database.ask("DROP TABLE pyfops_link");
    database.ask("ALTER TABLE functiontype ADD COLUMN extra varchar(10) DEFAULT NULL");
    const SchemaReport report = store->check();
    CHECK(report.differences ==
          std::vector<std::string>{"the column functiondeployment.minMemorySize (int(11)) is missing",
                                   "the table pyfops_link is missing"});
}

void check_deleted_rows(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    store->record_intent(run, an_intent());
    store->record_outcome(run, an_outcome());
    database.ask("DELETE FROM functiondeployment; ");
    database.ask("DELETE FROM functionimplementation");
    CHECK(store->check().findings.size() == 1);
    CHECK(store->deployments({}).empty());
    CHECK_THROWS_AS(store->record_outcome(run, an_outcome()), Error);
    store->record_intent(run, an_intent());
    store->record_outcome(run, an_outcome());
    CHECK(store->deployments({}).at(0).deployed);
    CHECK(store->check().findings == std::vector<std::string>{});
}

} // namespace

ON_BOTH("migrate makes the schema from nothing", check_migrate_from_nothing)
ON_BOTH("a deployment is recorded from intent to destruction", check_a_deployment)
ON_BOTH("the average deployment time counts every deployment once", check_averages)
ON_BOTH("a link belongs to one deployment", check_links)
ON_BOTH("the realms are kept apart", check_realms)
ON_BOTH("names that two claim are told apart", check_names_told_apart)
ON_BOTH("regions and languages are found or added", check_regions_and_languages)
ON_BOTH("awkward text arrives as it is or as far as it fits", check_awkward_text)
ON_BOTH("a newer database is refused and an edited step is found", check_newer_refused)
ON_BOTH("check tells how a schema differs", check_differences)
ON_BOTH("rows that others deleted are made anew", check_deleted_rows)
