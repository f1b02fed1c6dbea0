// SPDX-License-Identifier: Apache-2.0
// Rows that come as metadata files of the AFCL family, and go as such.
#include "on_both.hpp"
#include "records.hpp"

#include "pyfops/afcl.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <set>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

namespace fs = std::filesystem;

const fs::path reference = fs::path(PYFOPS_REFERENCE_DIR) / "afcl";

/// Metadata files in a folder of their own.
struct Files {
    TemporaryDirectory directory;

    void put(const std::string& file, const std::string& text) { write_file(directory.path() / file, text); }
    void put(const AfclExport& exported) {
        for (const auto& [file, rows] : exported.files)
            put(file, pretty_json(rows));
    }
    /// Two functions in the engine's spelling, with ids of their own.
    void put_example() {
        put("provider.json", R"([{"id": 1, "name": "AWS"}, {"id": 40, "name": "AZURE"}])");
        put("region.json", R"([
            {"id": 7, "region": "eu-central-1", "provider": "AWS", "providerID": 1, "location": "Frankfurt"},
            {"id": 8, "region": "westeurope", "provider": "AZURE", "providerID": 40}])");
        put("functiontype.json", R"([{"id": 1, "name": "resize", "type": "resizeType", "invocations": 3}])");
        put("functionimplementation.json", R"([
            {"id": 1, "name": "resizeAWSPython", "functionType_id": 1, "provider": 1, "language_id": 5},
            {"id": 2, "name": "resizeAzurePython", "functionType_id": 1, "provider": 40, "language_id": 5}])");
        put("functiondeployment.json", deployments("arn:1", "https://2.azurewebsites.net/api/r"));
    }
    static std::string deployments(const std::string& first, const std::string& second, int region = 8) {
        return fmt::format(R"([
            {{"id": 1, "name": "resizeAWSPythonF", "functionImplementation_id": 1, "KMS_Arn": "{}", "regionID": 7,
              "isDeployed": true, "memorySize": 128, "timeout": 60, "avgRTT": 0.1, "successRate": 1}},
            {{"id": 2, "name": "resizeAzurePythonW", "functionImplementation_id": 2, "KMS_Arn": "{}",
              "regionID": {}, "isDeployed": false, "memorySize": 512, "timeout": 30}}])",
                           first, second, region);
    }
};

struct Imported {
    AfclImport import;
    Diagnostics diagnostics;
    std::size_t added(const std::string& table) const {
        for (const auto& count : import.tables)
            if (count.table == table) return count.added;
        return 0;
    }
    std::string findings() const {
        std::string all;
        for (const Finding& finding : diagnostics.findings())
            all += fmt::format("{}:{}: {} {}\n", fs::path(finding.position.file).filename().string(),
                               finding.position.line, finding.code, finding.summary);
        return all;
    }
};

Imported import(TestDatabase& database, const Files& files, bool check = false) {
    Imported result;
    result.import = import_afcl(database.url(), files.directory.path(), check, result.diagnostics);
    return result;
}

std::string everything(TestDatabase& database) {
    std::string all;
    for (const char* table : {"provider", "region", "language", "functiontype", "functionimplementation"})
        all += database.ask(fmt::format("SELECT id FROM {} ORDER BY id", table)) + ";";
    return all + database.ask("SELECT id, name, KMS_Arn FROM functiondeployment ORDER BY id");
}

void check_import(TestDatabase& database) {
    database.migrated();
    Files files;
    files.put_example();
    const std::string before = everything(database);
    const Imported checked = import(database, files, true);
    CHECK(checked.findings() == "");
    CHECK(checked.added("functiondeployment") == 2);
    CHECK_FALSE(checked.import.written);
    CHECK(everything(database) == before);

    const Imported first = import(database, files);
    CHECK(first.findings() == "");
    CHECK(first.import.written);
    CHECK(first.added("provider") == 0); // AZURE is Microsoft's row
    CHECK(first.added("region") == 2);
    CHECK(database.ask(
              "SELECT f.name, f.KMS_Arn, f.isDeployed + 0, f.memorySize, r.region, r.provider, p.name, "
              "t.type, l.name, f.description, t.invocations FROM functiondeployment f JOIN region r ON "
              "r.id = f.regionID JOIN functionimplementation i ON i.id = f.functionImplementation_id "
              "JOIN provider p ON p.id = i.provider JOIN functiontype t ON t.id = i.functionType_id "
              "JOIN language l ON l.id = i.language_id ORDER BY f.id") ==
          "resizeAWSPythonF|arn:1|1|128|eu-central-1|AWS|AWS|resizeType|Python 3.7||3\n"
          "resizeAzurePythonW|https://2.azurewebsites.net/api/"
          "r|0|512|westeurope|Microsoft|Microsoft|resizeType|"
          "Python 3.7||3\n");
    const std::string after = everything(database);
    const Imported again = import(database, files);
    CHECK(again.findings() == "");
    CHECK(again.added("functiondeployment") == 0);
    CHECK(everything(database) == after);
}

void check_ids_are_mapped(TestDatabase& database) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    store->record_intent(run, an_intent()); // takes the first ids
    store->record_outcome(run, an_outcome());
    Files files;
    files.put_example();
    const Imported result = import(database, files);
    CHECK(result.findings() == "");
    CHECK(
        database.ask("SELECT f.name, i.name, t.name, r.region FROM functiondeployment f JOIN "
                     "functionimplementation i ON i.id = f.functionImplementation_id JOIN functiontype t ON "
                     "t.id = i.functionType_id JOIN region r ON r.id = f.regionID ORDER BY f.name") ==
        "resizeAWSPythonF|resizeAWSPython|resize|eu-central-1\n"
        "resizeAzurePythonW|resizeAzurePython|resize|westeurope\n"
        "thumbnailAWSPython-eu-central-1|thumbnailAWSPython|thumbnail|eu-central-1\n");
    CHECK(store->check().findings == std::vector<std::string>{});
    // A row of ours whose AFCL row was deleted must not claim the one that comes.
    database.ask("DELETE FROM functiondeployment WHERE name LIKE 'resize%'");
    database.ask("UPDATE pyfops_fd SET fd_id = 2");
    CHECK(import(database, files).added("functiondeployment") == 2);
    CHECK(database.ask("SELECT COUNT(*) FROM functiondeployment WHERE id = 2") == "0\n");
}

void check_round_trip(TestDatabase& database, TestDatabase& fresh) {
    auto store = database.migrated();
    const RunId run = store->begin_run(a_run());
    store->record_intent(run, an_intent());
    store->record_outcome(run, an_outcome());
    FdIdentity local = an_identity();
    local.realm = Realm::local;
    store->record_intent(run, an_intent(local));
    store->record_outcome(run, an_outcome(local));
    Files files;
    files.put_example();
    CHECK(import(database, files).findings() == "");
    // A number that 15 digits do not hold.
    database.ask("UPDATE functiondeployment SET avgRTT = 0.1 + 0.2, avgCost = 2e-07 WHERE memorySize = 128");

    const AfclTables real = read_afcl_tables(database.url(), Realm::real);
    CHECK(real.at("functiondeployment").size() == 3);
    CHECK(real.at("language").size() == 2);
    const AfclTables only_local = read_afcl_tables(database.url(), Realm::local);
    REQUIRE(only_local.at("functiondeployment").size() == 1);
    CHECK(string_or(only_local.at("functiondeployment").at(0), "name").ends_with("-Local"));
    CHECK(only_local.at("functionimplementation").size() == 1);
    CHECK(only_local.at("functiontype").size() == 1);

    fresh.migrated();
    for (const AfclReader reader : {AfclReader::scheduler, AfclReader::engine}) {
        Diagnostics diagnostics;
        const AfclExport exported = export_afcl(real, reader, diagnostics);
        CHECK_FALSE(diagnostics.has_errors());
        Files moved;
        moved.put(exported);
        const Imported result = import(fresh, moved);
        CHECK(result.findings() == "");
        const AfclExport again = export_afcl(read_afcl_tables(fresh.url(), Realm::real), reader, diagnostics);
        if (reader == AfclReader::engine) continue; // the rows came from the scheduler's files
        for (const auto& [file, rows] : exported.files)
            CHECK_MESSAGE(pretty_json(rows) == pretty_json(again.files.at(file)), file);
    }
}

void check_contradictions(TestDatabase& database) {
    database.migrated();
    Files files;
    files.put_example();
    const std::string before = everything(database);
    const auto refused = [&](const std::string& expected) {
        const Imported result = import(database, files);
        CHECK(result.findings() == expected);
        CHECK_FALSE(result.import.written);
        CHECK(everything(database) == before);
        files.put_example();
    };
    files.put("functiondeployment.json", Files::deployments("arn:1", "ARN:1"));
    refused("functiondeployment.json:4: duplicate-row row 2 ('resizeAzurePythonW') has the resource link "
            "(KMS_Arn) of row 1\n");
    files.put("functiondeployment.json", Files::deployments("arn:1", "arn:2", 99));
    refused(
        "functiondeployment.json:4: unknown-reference row 2 ('resizeAzurePythonW') has the regionID 99, and "
        "region.json has no such row\n");
    files.put("functiondeployment.json", Files::deployments("arn:1", "arn:2", 7));
    refused("functiondeployment.json:4: contradicting-row row 2 ('resizeAzurePythonW') lies in the region "
            "'eu-central-1' of another provider than its implementation 'resizeAzurePython' has\n");
    files.put("provider.json", R"([{"id": 1, "name": "AWS"}])");
    refused(
        "region.json:3: unknown-reference row 2 ('westeurope') has the providerID 40, and provider.json has "
        "no such row\n"
        "functionimplementation.json:3: unknown-reference row 2 ('resizeAzurePython') has the provider 40, "
        "and provider.json has no such row\n");
    fs::remove(files.directory.path() / "functiontype.json");
    refused(
        "functionimplementation.json:2: unknown-reference row 1 ('resizeAWSPython') has the functionType_id "
        "1, and functiontype.json is missing\n"
        "functionimplementation.json:3: unknown-reference row 2 ('resizeAzurePython') has the "
        "functionType_id 1, and functiontype.json is missing\n");
    files.put("region.json",
              R"([{"id": 7, "region": "eu-central-1", "provider": "AZURE", "providerID": 1}])");
    refused(
        "region.json:1: contradicting-row row 1 ('eu-central-1') has the provider 'Microsoft', and its "
        "providerID "
        "1 is 'AWS'\n"
        "functiondeployment.json:4: unknown-reference row 2 ('resizeAzurePythonW') has the regionID 8, and "
        "region.json has no such row\n");
    files.put("functiontype.json", R"([{"id": 1, "name": 7, "type": "x"}, 3])");
    refused("functiontype.json:1: bad-row row 1 'name' must be text, not 7\n"
            "functiontype.json:1: bad-row row 2 must be an object of columns and values\n");
    files.put("functiontype.json", R"({"id": 1})");
    refused("functiontype.json:0: not-rows the file must hold an array of rows\n");
}

void check_against_what_is_there(TestDatabase& database) {
    database.migrated();
    Files files;
    files.put_example();
    CHECK(import(database, files).import.written);
    const std::string before = everything(database);
    // The same link under another name, and the same name with another link.
    std::string text = Files::deployments("arn:1", "arn:new");
    text.replace(text.find("resizeAWSPythonF"), 16, "anotherFunctionX");
    files.put("functiondeployment.json", text);
    const Imported links = import(database, files);
    CHECK(links.findings() ==
          "functiondeployment.json:2: duplicate-link row 1 ('anotherFunctionX') has the "
          "resource link arn:1 of the "
          "function deployment 'resizeAWSPythonF', which is in the database (row 1)\n"
          "functiondeployment.json:4: contradicting-row row 2 ('resizeAzurePythonW') is in "
          "the database already, with "
          "another KMS_Arn\n");
    CHECK(everything(database) == before);
    // The type is there under another name: the same row is meant.
    files.put_example();
    files.put("functiontype.json", R"([{"id": 1, "name": "other", "type": "resizeType"}])");
    const Imported types = import(database, files);
    CHECK(types.findings() == "");
    REQUIRE(types.import.notices.size() == 1);
    CHECK(everything(database) == before);
}

} // namespace

ON_BOTH("rows of metadata files are added once", check_import)
ON_BOTH("ids of files become those of the database", check_ids_are_mapped)
ON_BOTH("files that contradict themselves change nothing", check_contradictions)
ON_BOTH("files that contradict the database change nothing", check_against_what_is_there)

TEST_CASE("export then import then export is equal (SQLite)" * doctest::test_suite("sqlite")) {
    SqliteDatabase database, fresh;
    check_round_trip(database, fresh);
}
TEST_CASE("export then import then export is equal (MariaDB)" * doctest::test_suite("mariadb")) {
    if (no_mariadb()) return;
    MariaDbDatabase database, fresh;
    check_round_trip(database, fresh);
}

TEST_CASE("the scheduler's own files are imported and exported as they are" * doctest::test_suite("dump")) {
    if (!fs::exists(reference / "faast-functiondeployment.json")) {
        MESSAGE("SKIPPED: no reference material at ", reference.string());
        return;
    }
    Files files;
    for (const char* name : {"functiondeployment", "functionimplementation", "functiontype", "provider",
                             "region", "datatransfer"})
        fs::copy_file(reference / fmt::format("faast-{}.json", name),
                      files.directory.path() / fmt::format("{}.json", name));
    SqliteDatabase database;
    database.migrated();
    const Imported result = import(database, files);
    CHECK(result.findings() == "");
    CHECK(result.added("functiondeployment") == 80);
    CHECK(result.added("functionimplementation") == 40);
    CHECK(result.added("functiontype") == 20);
    CHECK(result.added("region") == 50);
    CHECK(result.added("data_transfer") == 48);
    CHECK(result.added("provider") == 0);
    Diagnostics diagnostics;
    const AfclExport exported =
        export_afcl(read_afcl_tables(database.url(), Realm::real), AfclReader::scheduler, diagnostics);
    CHECK_FALSE(diagnostics.has_errors());
    for (const char* name :
         {"functiondeployment", "functionimplementation", "functiontype", "region", "datatransfer"}) {
        const std::string file = fmt::format("{}.json", name);
        const json::value original = parse_json(read_file(files.directory.path() / file), file);
        const json::array& rows = exported.files.at(file);
        REQUIRE(rows.size() == original.as_array().size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const json::object& expected = original.as_array()[i].as_object();
            CHECK(rows[i].as_object().size() == expected.size()); // no column that it does not know
            for (const auto& [key, value] : expected) {
                const json::value& there = rows[i].at(key);
                if (value.is_number())
                    CHECK(there.to_number<double>() == value.to_number<double>());
                else
                    CHECK_MESSAGE(there == value, file, " ", i, " ", std::string(key));
            }
        }
    }
    // The engine's spelling comes back to the same rows.
    Files engine;
    engine.put(export_afcl(read_afcl_tables(database.url(), Realm::real), AfclReader::engine, diagnostics));
    const Imported same = import(database, engine);
    CHECK(same.findings() == "");
    for (const auto& count : same.import.tables)
        CHECK_MESSAGE(count.added == 0, count.table);
}
