// SPDX-License-Identifier: Apache-2.0
#include "afcl/spelling.hpp"
#include "afcl/tables.hpp"

#include "pyfops/afcl.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace pyfops {

using afcl::Column;
using afcl::Table;

namespace {

class Export {
  public:
    Export(const AfclTables& tables, AfclReader reader, Diagnostics& diagnostics)
        : tables_(tables),
          reader_(reader),
          diagnostics_(diagnostics) {}

    AfclExport make() {
        for (const Table& table : afcl::tables())
            result_.files[std::string(table.file)] = rows_of(table);
        refuse_duplicates("functiondeployment", "KMS_Arn", "link", "remove one of the rows");
        refuse_duplicates("region", "region", "region code", "rename one of them");
        if (reader_ == AfclReader::scheduler)
            refuse_duplicates("functiontype", "type", "type", "give one of them another type");
        return std::move(result_);
    }

  private:
    unsigned mask() const { return reader_ == AfclReader::engine ? afcl::engine_only : afcl::scheduler_only; }

    json::array rows_of(const Table& table) {
        json::array rows;
        std::map<std::string, std::vector<std::string>> left_out; // names by reason
        const auto found = tables_.find(std::string(table.name));
        if (found == tables_.end()) return rows;
        for (const json::value& row : found->second) {
            const json::object& values = row.as_object();
            if (const std::string reason = unfit(table, values); !reason.empty()) {
                left_out[reason].push_back(name_of(values));
                continue;
            }
            if (table.has_id) kept_[table.name].insert(values.at("id").as_int64());
            rows.push_back(spelled(table, values));
        }
        for (const auto& [reason, names] : left_out)
            result_.notices.push_back(
                fmt::format("{}: left out {}: {}", table.file, fmt::join(names, ", "), reason));
        return rows;
    }

    static std::string name_of(const json::object& row) {
        for (const char* column : {"name", "region", "type"})
            if (const json::value* value = row.if_contains(column); value && value->is_string())
                return std::string(value->as_string());
        const json::value* id = row.if_contains("id");
        return id ? fmt::format("row {}", id->as_int64()) : "a row";
    }

    /// Why the reader cannot take a row; "" when it can.
    std::string unfit(const Table& table, const json::object& row) const {
        const auto text = [&](const char* column) { return string_or(row, column); };
        if (table.name == "provider" && !afcl::known_provider(text("name")))
            return "a provider that its reader does not know";
        if (table.name == "region" && text("region").empty()) return "a region without a code";
        const bool linked = table.name != "functiondeployment" || !text("KMS_Arn").empty();
        if (!linked && reader_ == AfclReader::engine) return "not deployed, so without a resource link";
        for (const Column& column : table.columns) {
            if (column.refers.empty()) continue;
            const json::value* value = row.if_contains(column.name);
            const auto kept = kept_.find(column.refers);
            if (value && value->is_int64() &&
                (kept == kept_.end() || !kept->second.contains(value->as_int64())))
                return fmt::format("its {} is not exported", column.refers);
        }
        return {};
    }

    json::object spelled(const Table& table, const json::object& row) const {
        json::object result;
        if (table.has_id) result["id"] = row.at("id");
        for (const Column& column : table.columns)
            if (const json::value* value = row.if_contains(column.name);
                value && (column.readers & mask()) != 0)
                result[column.name] = *value;
        const bool engine = reader_ == AfclReader::engine;
        const auto spell = [&](const char* column) {
            const std::string name = string_or(result, column);
            if (!name.empty()) result[column] = engine ? afcl::engine_name(name) : afcl::database_name(name);
        };
        if (table.name == "provider") spell("name");
        if (table.name == "region") spell("provider");
        return result;
    }

    /// The readers put these into a map by that column, and fail at a second one.
    void refuse_duplicates(const char* name, const char* column, std::string_view what, std::string hint) {
        const std::string file(afcl::table(name).file);
        std::map<std::string, std::string> seen;
        for (const json::value& row : result_.files[file]) {
            const std::string value = string_or(row, column);
            if (value.empty()) continue;
            const std::string owner = name_of(row.as_object());
            const auto [first, fresh] = seen.emplace(lower_case(value), owner);
            if (!fresh)
                diagnostics_.error("duplicate-row",
                                   fmt::format("two rows of {} have the {} {}: {} and {}", name, what, value,
                                               first->second, owner),
                                   hint);
        }
    }

    const AfclTables& tables_;
    const AfclReader reader_;
    Diagnostics& diagnostics_;
    std::map<std::string_view, std::set<long long>> kept_;
    AfclExport result_;
};

} // namespace

AfclExport export_afcl(const AfclTables& tables, AfclReader reader, Diagnostics& diagnostics) {
    return Export(tables, reader, diagnostics).make();
}

} // namespace pyfops
