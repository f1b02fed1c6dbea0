// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using pyfops::testing::some_tables;

namespace {

/// As the database gives them: every column is there.
AfclTables whole_tables() {
    AfclTables tables = some_tables();
    for (const auto& [table, columns] : std::map<std::string, std::vector<std::string>>{
             {"provider", {"sessionOverheadms", "deploymentOverheadms", "r"}},
             {"functionimplementation", {"language_id", "packageSize"}},
             {"functiondeployment", {"description", "avgDeploymentTime", "minMemorySize"}}})
        for (json::value& row : tables[table])
            for (const std::string& column : columns)
                row.as_object()[column] = nullptr;
    return tables;
}

std::vector<std::string> keys(const json::value& row) {
    std::vector<std::string> all;
    for (const auto& member : row.as_object())
        all.emplace_back(member.key());
    return all;
}

bool has(const std::vector<std::string>& all, const char* one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("the engine and its scheduler get the spelling and the columns that each knows") {
    AfclTables tables = whole_tables();
    Diagnostics diagnostics;
    const AfclExport engine = export_afcl(tables, AfclReader::engine, diagnostics);
    const AfclExport scheduler = export_afcl(tables, AfclReader::scheduler, diagnostics);
    CHECK_FALSE(diagnostics.has_errors());
    // All that the engine needs before it takes the files at all.
    for (const char* file : {"functionimplementation", "functiondeployment", "provider", "region", "cpu",
                             "datatransfer", "networking", "service", "servicedeployment", "functiontype"})
        CHECK(engine.files.contains(std::string(file) + ".json"));
    CHECK(string_or(engine.files.at("provider.json").at(1), "name") == "AZURE");
    CHECK(string_or(engine.files.at("region.json").at(1), "provider") == "AZURE");
    CHECK(string_or(scheduler.files.at("provider.json").at(1), "name") == "Microsoft");
    CHECK(string_or(scheduler.files.at("region.json").at(2), "provider") == "Alibaba");
    const auto engine_columns = keys(engine.files.at("functiondeployment.json").at(0));
    const auto scheduler_columns = keys(scheduler.files.at("functiondeployment.json").at(0));
    CHECK(has(engine_columns, "avgDeploymentTime"));
    CHECK_FALSE(has(scheduler_columns, "avgDeploymentTime"));
    CHECK_FALSE(has(engine_columns, "minMemorySize")); // ours: both would fail at it
    CHECK_FALSE(has(scheduler_columns, "minMemorySize"));
    CHECK(has(keys(engine.files.at("functionimplementation.json").at(0)), "packageSize"));
    CHECK_FALSE(has(keys(scheduler.files.at("functionimplementation.json").at(0)), "packageSize"));
}

TEST_CASE("rows that the engine cannot take are left out and named") {
    AfclTables tables = whole_tables();
    json::value other = tables["provider"].at(0);
    other.as_object()["id"] = 77;
    other.as_object()["name"] = "Example";
    tables["provider"].push_back(other);
    json::value region = tables["region"].at(0);
    region.as_object()["id"] = 78;
    region.as_object()["region"] = "nowhere";
    region.as_object()["providerID"] = 77;
    tables["region"].push_back(region);
    Diagnostics diagnostics;
    const AfclExport engine = export_afcl(tables, AfclReader::engine, diagnostics);
    CHECK(engine.files.at("provider.json").size() == 3);
    CHECK(engine.files.at("region.json").size() == 3);
    CHECK(engine.files.at("functiondeployment.json").size() == 5);
    CHECK(engine.notices ==
          std::vector<std::string>{
              "provider.json: left out Example: a provider that its reader does not know",
              "region.json: left out nowhere: its provider is not exported",
              "functiondeployment.json: left out never: not deployed, so without a resource link"});
    CHECK(
        export_afcl(tables, AfclReader::scheduler, diagnostics).files.at("functiondeployment.json").size() ==
        6);
}

TEST_CASE("rows at which a reader fails are errors") {
    AfclTables tables = whole_tables();
    tables["functiondeployment"].at(1).as_object()["KMS_Arn"] =
        "ARN:aws:lambda:eu-central-1:1:function:R-128"; // compared without case
    tables["region"].at(1).as_object()["region"] = "eu-central-1";
    tables["functiontype"].at(1).as_object()["type"] = "resizeType";
    Diagnostics engine, scheduler;
    export_afcl(tables, AfclReader::engine, engine);
    CHECK(engine.error_count() == 2);
    export_afcl(tables, AfclReader::scheduler, scheduler);
    REQUIRE(scheduler.error_count() == 3);
    CHECK(scheduler.findings()[0].summary.find(
              "resizeAWSPython-eu-central-1-128 and resizeAWSPython-eu-central-1-512") != std::string::npos);
}
