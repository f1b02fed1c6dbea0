// SPDX-License-Identifier: Apache-2.0
// The real metadata database of 2021, migrated in place.
#include "database.hpp"
#include "killed_migration.hpp"
#include "records.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/json.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <sstream>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

const std::filesystem::path reference = std::filesystem::path(PYFOPS_REFERENCE_DIR) / "afcl";

/// The database that the dump itself names.
class DumpDatabase final : public TestDatabase {
  public:
    DumpDatabase() {
        MariaDbServer::shared().query("DROP DATABASE IF EXISTS afcl");
        const std::string output =
            MariaDbServer::shared().run_file((reference / "afcl-2021-08-16.sql").string());
        if (!output.empty()) throw std::runtime_error(output);
    }
    DatabaseUrl url() const override {
        DatabaseUrl url = any_.url();
        url.name = "afcl";
        return url;
    }
    std::string ask(const std::string& sql) override { return any_.ask("USE afcl; " + sql); }

  private:
    MariaDbDatabase any_;
};

std::string literal(const json::value& value) {
    if (value.is_null()) return "NULL";
    if (const auto* text = value.if_string()) {
        std::string out = "'";
        for (const char c : *text)
            out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
        return out + "'";
    }
    if (const auto* flag = value.if_bool()) return *flag ? "1" : "0";
    return json::serialize(value);
}

/// Rows as a scheduler of the AFCL family exported them; those whose id or name the dump has are left out,
/// and references follow.
void insert_rows(TestDatabase& database, const std::string& table, const char* file, long long offset) {
    std::map<std::string, bool> columns;
    std::istringstream names(
        database.ask("SELECT column_name FROM information_schema.columns WHERE table_schema = "
                     "'afcl' AND table_name = '" +
                     table + "'"));
    for (std::string name; std::getline(names, name);)
        columns[name] = true;
    const json::value rows = parse_json(read_file(reference / file), file);
    std::string sql = "SET FOREIGN_KEY_CHECKS = 0;";
    for (const json::value& row : rows.as_array()) {
        std::string keys, values;
        for (const auto& [key, value] : row.as_object()) {
            if (!columns.contains(std::string(key))) continue;
            json::value shifted = value;
            if (key == "id" || key == "functionImplementation_id" || key == "functionType_id")
                shifted = value.as_int64() + offset;
            keys += (keys.empty() ? "`" : ", `") + std::string(key) + "`";
            values += (values.empty() ? "" : ", ") + literal(shifted);
        }
        sql += fmt::format("INSERT IGNORE INTO `{}` ({}) VALUES ({});\n", table, keys, values);
    }
    database.ask(sql);
}

/// Every column of every table, before anything of ours was there.
std::map<std::string, std::string> columns_of(TestDatabase& database) {
    std::map<std::string, std::string> tables;
    std::istringstream rows(
        database.ask("SELECT table_name, column_name, data_type FROM information_schema.columns "
                     "WHERE table_schema = 'afcl' ORDER BY table_name, ordinal_position"));
    for (std::string line; std::getline(rows, line);) {
        const auto first = line.find('|'), second = line.find('|', first + 1);
        std::string& list = tables[line.substr(0, first)];
        const std::string column = "`" + line.substr(first + 1, second - first - 1) + "`";
        const std::string type = line.substr(second + 1);
        const auto has = [&type](std::string_view part) { return type.find(part) != std::string::npos; };
        // HEX of a number would round it.
        const bool bytes = has("char") || has("text") || has("blob");
        list += (list.empty() ? "" : ", ") + (bytes ? "HEX(" + column + ")" : column + " + 0");
    }
    return tables;
}

std::map<std::string, std::string> hashes(TestDatabase& database,
                                          const std::map<std::string, std::string>& columns,
                                          const std::map<std::string, std::string>& old_rows) {
    std::map<std::string, std::string> result;
    for (const auto& [table, list] : columns) {
        const auto where = old_rows.find(table);
        result[table] =
            sha256_hex(database.ask("SELECT " + list + " FROM `" + table + "` " +
                                    (where == old_rows.end() ? "" : where->second) + " ORDER BY " + list));
    }
    return result;
}

bool no_reference() {
    if (std::filesystem::exists(reference / "afcl-2021-08-16.sql")) return no_mariadb();
    MESSAGE("SKIPPED: no reference material at ", reference.string());
    return true;
}

} // namespace

TEST_CASE("the database of 2021 is migrated in place and no old value changes" *
          doctest::test_suite("dump")) {
    if (no_reference()) return;
    DumpDatabase database;
    const auto columns = columns_of(database);
    insert_rows(database, "region", "faast-region.json", 0);
    insert_rows(database, "functiontype", "faast-functiontype.json", 1000);
    insert_rows(database, "functionimplementation", "faast-functionimplementation.json", 1000);
    insert_rows(database, "functiondeployment", "faast-functiondeployment.json", 1000);
    CHECK(database.ask("SELECT COUNT(*) FROM functiondeployment") == "80\n");
    CHECK(database.ask("SELECT COUNT(*) FROM functionimplementation") == "40\n");
    CHECK(database.ask("SELECT COUNT(*) FROM region") == "50\n");
    // Our language rows come beside the old ones, and nothing else does.
    const std::map<std::string, std::string> old_rows{{"language", "WHERE id <= 16"}};
    const auto before = hashes(database, columns, old_rows);
    REQUIRE(before.size() >= 20);

    int unchecked = 0;
    const int kills = migrate_with_kills(database, [&] {
        if (++unchecked % 10 == 0) CHECK(hashes(database, columns, old_rows) == before);
    });
    CHECK(kills > 80);
    auto store = database.open();
    const SchemaReport report = store->check();
    CHECK(report.version == report.latest);
    CHECK(report.differences == std::vector<std::string>{});
    for (const std::string& finding : report.findings) // the real rows have contradictions of their own
        CHECK_MESSAGE(finding.find("the AFCL engine fails at it") != std::string::npos, finding);
    CHECK(hashes(database, columns, old_rows) == before);
    CHECK(database.ask("SELECT COUNT(*) FROM language") == "23\n");

    // Deploying into it uses its rows and adds ours.
    const RunId run = store->begin_run(a_run());
    IntentRecord intent = an_intent(an_identity("getPassengers"));
    const RecordedIntent recorded = store->record_intent(run, intent);
    store->record_outcome(run, an_outcome(intent.identity));
    CHECK(recorded.type_name == "getPassengers");
    CHECK(database.ask("SELECT regionID, avgDeploymentTime FROM functiondeployment WHERE id = " +
                       std::to_string(recorded.row)) == "8|1000\n");
    CHECK(database.ask("SELECT i.functionType_id, l.name, i.packageSize FROM functionimplementation i JOIN "
                       "language l ON "
                       "l.id = i.language_id WHERE i.name = 'getPassengersAWSPython'") ==
          "17|Python 3.11|4321\n");
    CHECK(database.ask("SELECT COUNT(*) FROM region") == "50\n");
    const std::map<std::string, std::string> still_old{
        {"language", "WHERE id <= 16"},
        {"functionimplementation", "WHERE name <> 'getPassengersAWSPython'"},
        {"functiondeployment", fmt::format("WHERE id <> {}", recorded.row)}};
    CHECK(hashes(database, columns, still_old) == before);

    // An implementation that was there before is taken over by the first that claims it.
    IntentRecord split = an_intent(an_identity("bwaSplit"));
    const RecordedIntent taken = store->record_intent(run, split);
    CHECK(taken.implementation_name == "bwaSplitAWSPython");
    REQUIRE(taken.notices.size() == 1);
    CHECK(taken.notices[0].find("took over") != std::string::npos);
}
