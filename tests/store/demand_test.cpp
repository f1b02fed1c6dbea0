// SPDX-License-Identifier: Apache-2.0
// Rows of other programs that wait to be deployed, and what becomes of them.
#include "on_both.hpp"
#include "records.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

/// As other programs write them: an implementation of ours by name, a deployment that waits, one that is
/// there.
void add_rows(TestDatabase& database) {
    database.ask(
        "INSERT INTO region (id, region, provider, providerID) VALUES (8, 'eu-central-1', 'AWS', 1)");
    database.ask("INSERT INTO functiontype (id, name, type) VALUES (3, 'thumbnail', 'thumbnailType')");
    database.ask("INSERT INTO functionimplementation (id, name, functionType_id, provider, language_id, "
                 "implementationFilePath) VALUES (4, 'thumbAWS', 3, 1, 5, 'code/thumb')");
    for (const auto& [id, name, link, deployed] :
         {std::tuple(5, "waits", "NULL", 0), std::tuple(6, "is there", "'arn:1'", 1)})
        database.ask(fmt::format(
            "INSERT INTO functiondeployment (id, name, functionImplementation_id, KMS_Arn, regionID, "
            "description, handlerName, input, isDeployed, memorySize, timeout) VALUES ({}, '{}', 4, {}, 8, "
            "'a thumbnail', '', '{{\"w\": 7}}', {}, 512, 60)",
            id, name, link, deployed));
    database.ask("INSERT INTO functiondeployment_environmentvariables (FunctionDeployment_id, "
                 "environmentVariables, environmentVariables_KEY) VALUES (5, 'fast', 'MODE')");
}

std::string ids(Store& store, bool redeploy = false, Realm realm = Realm::real,
                const std::string& project = "demo") {
    std::string text;
    for (const DemandRow& row : store.demand({project, realm, redeploy}))
        text += std::to_string(row.row) + " ";
    return text;
}

FdIdentity the_identity(const std::string& project = "demo", Realm realm = Realm::real) {
    return {project, "thumbnail", "aws", "eu-central-1", realm, "512"};
}

IntentRecord the_intent(const FdIdentity& identity, std::int64_t row) {
    IntentRecord intent = an_intent(identity);
    intent.row = row;
    intent.first_input = {{"w", 7}};
    return intent;
}

void check_reading(TestDatabase& database) {
    auto store = database.migrated();
    add_rows(database);
    const auto rows = store->demand({"demo", Realm::real, false});
    REQUIRE(rows.size() == 1);
    const DemandRow& row = rows.front();
    CHECK(row.row == 5);
    CHECK(row.name == "waits");
    CHECK(row.link == "");
    CHECK(row.input == "{\"w\": 7}");
    CHECK(row.memory_mb == 512);
    CHECK(row.timeout_seconds == 60);
    CHECK(row.environment == std::map<std::string, std::string>{{"MODE", "fast"}});
    CHECK(row.implementation == "thumbAWS");
    CHECK(row.implementation_path == "code/thumb");
    CHECK(row.implementation_provider == "AWS");
    CHECK(row.language == "Python 3.7");
    CHECK(row.type_name == "thumbnail");
    CHECK(row.type == "thumbnailType");
    CHECK(row.region == "eu-central-1");
    CHECK(row.region_provider == "AWS");
    CHECK_FALSE(row.identity);
    CHECK(ids(*store, true) == "5 6 ");
}

void check_shared_links(TestDatabase& database) {
    auto store = database.migrated();
    add_rows(database);
    database.ask("UPDATE functiondeployment SET KMS_Arn = 'ARN:1' WHERE id = 5");
    const auto rows = store->demand({"demo", Realm::real, true});
    CHECK(rows.at(0).link_sharers == std::vector<std::string>{"is there (6)"});
    CHECK(rows.at(1).link_sharers == std::vector<std::string>{"waits (5)"});
}

void check_taking_a_row(TestDatabase& database) {
    auto store = database.migrated();
    add_rows(database);
    const RunId run = store->begin_run(a_run());
    const RecordedIntent recorded = store->record_intent(run, the_intent(the_identity(), 5));
    CHECK(recorded.row == 5);
    CHECK(recorded.implementation_name == "thumbAWS");
    CHECK(recorded.notices == std::vector<std::string>{});
    CHECK(ids(*store) == "5 "); // until it is deployed
    OutcomeRecord outcome = an_outcome(the_identity());
    store->record_outcome(run, outcome);
    CHECK(ids(*store) == "");
    CHECK(database.ask(
              "SELECT name, functionImplementation_id, KMS_Arn, regionID, description, input, isDeployed "
              "+ 0, memorySize FROM functiondeployment WHERE id = 5") ==
          "waits|4|" + outcome.link + "|8|a thumbnail|{\"w\": 7}|1|256\n");
    CHECK(database.ask("SELECT COUNT(*) FROM functiondeployment") == "2\n");
    CHECK(database.ask("SELECT COUNT(*) FROM functionimplementation") == "1\n");

    // Again by the same row, and by the project's own list: the same row.
    CHECK(store->record_intent(run, the_intent(the_identity(), 5)).row == 5);
    CHECK(store->record_intent(run, the_intent(the_identity(), 0)).row == 5);
    // What was destroyed does not come back by itself; what another program resets does.
    CHECK(ids(*store, true) == "5 6 ");
    store->record_destroyed(run, the_identity(), from_iso8601("2026-11-29T00:00:00Z"));
    CHECK(ids(*store) == "");
    CHECK(ids(*store, true) == "5 6 ");
    CHECK(store->demand({"demo", Realm::real, true}).front().identity == the_identity());
}

void check_rows_of_others(TestDatabase& database) {
    auto store = database.migrated();
    add_rows(database);
    const RunId run = store->begin_run(a_run());
    CHECK(ids(*store, true, Realm::local) == "5 6 "); // nobody's
    store->record_intent(run, the_intent(the_identity(), 5));
    CHECK(ids(*store, true, Realm::local) == "");
    CHECK(ids(*store, true, Realm::real, "other") == "");
    const auto refused = [&](const IntentRecord& intent) {
        const std::string before =
            database.ask("SELECT * FROM pyfops_fd") + database.ask("SELECT * FROM pyfops_fi");
        try {
            store->record_intent(run, intent);
            return std::string("stored");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::conflict);
            CHECK_FALSE(error.hint().empty());
            CHECK(database.ask("SELECT * FROM pyfops_fd") + database.ask("SELECT * FROM pyfops_fi") ==
                  before);
            return error.message();
        }
    };
    CHECK(refused(the_intent(the_identity("other"), 5)) ==
          "row 4 of functionimplementation was taken for another deployment");
    CHECK(refused(the_intent(the_identity(), 6)) ==
          "row 6 of functiondeployment asks for what is recorded as 'waits' already");
    FdIdentity elsewhere = the_identity();
    elsewhere.region = "us-east-1";
    CHECK(refused(the_intent(elsewhere, 5)) ==
          "row 5 of functiondeployment was taken for another deployment");
    CHECK(refused(the_intent(elsewhere, 99)) ==
          "row 99 of functiondeployment, which asks for demo/thumbnail/aws/us-east-1/real/512, is gone");
}

void check_foreign_database(TestDatabase& database) {
    auto store = database.open();
    database.ask("CREATE TABLE customers (id int)");
    try {
        store->demand({"demo", Realm::real, false});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::storage);
        CHECK(error.message() ==
              database.url().str() + " is no AFCL metadata database: it has no table functiondeployment");
    }
    CHECK(store->check().version == 0);
}

} // namespace

ON_BOTH("what waits is read with what it leads to", check_reading)
ON_BOTH("rows with one link name each other", check_shared_links)
ON_BOTH("a row that asks is taken, deployed, destroyed", check_taking_a_row)
ON_BOTH("rows that others took stay theirs", check_rows_of_others)
ON_BOTH("a database of something else is left as it is", check_foreign_database)
