// SPDX-License-Identifier: Apache-2.0
#include "store/schema_check.hpp"

#include "store/migrations.hpp"
#include "store/text.hpp"

#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <map>

namespace pyfops::store {
namespace {

struct Column {
    std::string name;
    std::string type;
    bool not_null = false;
    bool fills_itself = false; ///< default value, counter
    std::string collation;
};
using Columns = std::map<std::string, Column>; // by name in lower case
using Tables = std::map<std::string, Columns>;

Tables describe(Session& session) {
    Rows rows;
    if (session.mariadb())
        rows = session.select({"c.table_name", "c.column_name", "c.column_type", "c.is_nullable = 'NO'",
                               "(c.column_default IS NOT NULL OR c.extra <> '')", "c.collation_name"},
                              "FROM information_schema.columns c JOIN information_schema.tables t ON "
                              "t.table_schema = c.table_schema AND t.table_name = c.table_name WHERE "
                              "c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'");
    else
        rows = session.select(
            {"m.name", "p.name", "p.type", "p.\"notnull\" AND p.pk = 0", "p.dflt_value IS NOT NULL", "NULL"},
            "FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND "
            "m.name NOT LIKE 'sqlite_%'");
    Tables tables;
    for (const Row& row : rows)
        tables[row.text(0)][lower_case(row.text(1))] = {
            row.text(1), lower_case(row.text(2)), row.integer(3) != 0, row.integer(4) != 0, row.text(5)};
    return tables;
}

/// What a value must be to fit: display widths of numbers differ between servers and mean nothing.
std::string family(const std::string& type) {
    const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
    if (has("varchar")) return type;
    if (has("int")) return "integer";
    if (has("double") || has("float") || has("real") || has("decimal")) return "real";
    if (has("text") || has("char")) return "text";
    return type.substr(0, type.find('('));
}

void compare(const std::string& table, const Columns& expected, const Columns& live,
             std::vector<std::string>& out) {
    for (const auto& [key, column] : expected) {
        const auto found = live.find(key);
        if (found == live.end()) {
            out.push_back(fmt::format("the column {}.{} ({}) is missing", table, column.name, column.type));
            continue;
        }
        const Column& there = found->second;
        if (family(there.type) != family(column.type))
            out.push_back(fmt::format("the column {}.{} is {} here and {} in pyfOps' schema", table,
                                      column.name, there.type, column.type));
        const bool ours = table.starts_with("pyfops_");
        if (!ours && (there.collation.ends_with("_bin") || there.collation.ends_with("_cs")))
            out.push_back(
                fmt::format("the column {}.{} compares with case ({}): programs that read it expect "
                            "the opposite",
                            table, column.name, there.collation));
    }
    for (const auto& [key, column] : live)
        if (!expected.contains(key) && column.not_null && !column.fills_itself)
            out.push_back(
                fmt::format("the column {}.{} is unknown to pyfOps and takes no row without a value", table,
                            column.name));
}

} // namespace

std::vector<std::string> schema_differences(Session& session) {
    DatabaseUrl memory;
    memory.path = ":memory:";
    Session model(memory, {});
    migrate(model, memory);
    const Tables expected = describe(model);
    const Tables live = describe(session);
    std::vector<std::string> differences;
    bool anything = false;
    for (const auto& [table, columns] : expected) {
        const auto found = live.find(table);
        anything = anything || found != live.end();
        if (found == live.end())
            differences.push_back(fmt::format("the table {} is missing", table));
        else
            compare(table, columns, found->second, differences);
    }
    if (!anything) return {"the database has no table of the AFCL schema and none of pyfOps"};
    return differences;
}

std::vector<std::string> data_findings(Session& session) {
    const Tables live = describe(session);
    const auto has = [&](const char* table) { return live.contains(table); };
    std::vector<std::string> findings;
    if (has("functiondeployment"))
        for (const Row& row :
             session.select({"KMS_Arn", "COUNT(*)", "MIN(id)", "MAX(id)"},
                            "FROM functiondeployment WHERE KMS_Arn IS NOT NULL AND KMS_Arn <> '' "
                            "GROUP BY KMS_Arn HAVING COUNT(*) > 1 ORDER BY KMS_Arn"))
            findings.push_back(
                fmt::format("{} function deployments (rows {} to {}) have the link {}: the AFCL "
                            "engine fails at it",
                            row.integer(1), row.integer(2), row.integer(3), row.text(0)));
    if (has("region"))
        for (const Row& row :
             session.select({"region", "COUNT(*)"}, "FROM region WHERE region IS NOT NULL GROUP BY "
                                                    "region HAVING COUNT(*) > 1 ORDER BY region"))
            findings.push_back(fmt::format("{} rows of region have the code {}: the AFCL engine fails at it",
                                           row.integer(1), row.text(0)));
    if (has("functiontype"))
        for (const Row& row :
             session.select({"type", "COUNT(*)"}, "FROM functiontype WHERE type IS NOT NULL GROUP "
                                                  "BY type HAVING COUNT(*) > 1 ORDER BY type"))
            findings.push_back(
                fmt::format("{} function types share the type {}: schedulers that read by type "
                            "fail at it",
                            row.integer(1), row.text(0)));
    if (has("pyfops_fd") && has("functiondeployment"))
        for (const Row& row : session.select(
                 {"p.fd_id", "p.project", "p.function_name"},
                 "FROM pyfops_fd p LEFT JOIN functiondeployment f ON f.id = p.fd_id WHERE f.id IS NULL "
                 "ORDER BY p.fd_id"))
            findings.push_back(
                fmt::format("the function deployment {} of {}/{} was deleted by another program: "
                            "the next deployment makes a new row",
                            row.integer(0), row.text(1), row.text(2)));
    if (has("pyfops_link") && has("functiondeployment"))
        for (const Row& row : session.select(
                 {"l.link", "f.name"}, "FROM pyfops_link l JOIN functiondeployment f ON f.id = l.fd_id "
                                       "WHERE f.KMS_Arn IS NULL OR f.KMS_Arn <> l.link ORDER BY f.name"))
            findings.push_back(
                fmt::format("the function deployment {} was deployed as {}, and another program "
                            "changed its KMS_Arn",
                            row.text(1), row.text(0)));
    return findings;
}

} // namespace pyfops::store
