// SPDX-License-Identifier: Apache-2.0
// Rows of metadata files become rows of the database.
#include "store/metadata_files.hpp"
#include "store/migrations.hpp"
#include "store/session.hpp"

#include "pyfops/afcl.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace pyfops {

using afcl::Column;
using afcl::Table;
using store::Access;
using store::Cell;
using store::Failure;
using store::FileRow;
using store::FileTable;
using store::Session;
using store::Transaction;
using store::Value;
using store::Values;

namespace {

/// AFCL's own rows of `language`, which programs refer to by id and no file lists.
constexpr std::int64_t last_fixed_language = 16;
constexpr std::string_view local_suffix = "-Local";

Value value_of(const Cell& cell) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) return static_cast<long long>(*number);
    if (const auto* number = std::get_if<double>(&cell)) return *number;
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    return nullptr;
}

class Import {
  public:
    Import(Session& session, const std::vector<FileTable>& files, Diagnostics& diagnostics)
        : session_(session),
          files_(files),
          diagnostics_(diagnostics) {}

    AfclImport run() {
        for (const FileTable& file : files_) {
            file_ = &file;
            result_.tables.push_back({std::string(file.table->name), std::string(file.table->file)});
            for (const FileRow& row : file.rows)
                take(row);
        }
        return std::move(result_);
    }

  private:
    using Cells = std::map<std::string_view, Cell>;

    const Table& table() const { return *file_->table; }
    AfclImport::Count& count() { return result_.tables.back(); }

    void finding(const FileRow& row, std::string code, const std::string& what, std::string hint = {}) {
        add_row_finding(diagnostics_, *file_, row, std::move(code), what, std::move(hint));
    }

    void take(const FileRow& row) {
        Cells cells = row.cells;
        if (!follow_references(row, cells) || !consistent(row)) {
            refused_[table().name].insert(row.id);
            return;
        }
        if (const auto there = find_row(row, cells)) {
            ++count().present;
            ids_[table().name][row.id] = *there;
            return;
        }
        ++count().added;
        ids_[table().name][row.id] = insert(row, cells);
    }

    const FileTable* file_of(std::string_view name) const {
        for (const FileTable& file : files_)
            if (file.table->name == name) return &file;
        return nullptr;
    }

    /// Ids in files are the files' own: each becomes that of the database.
    bool follow_references(const FileRow& row, Cells& cells) {
        bool good = true;
        for (const Column& column : table().columns) {
            if (column.refers.empty()) continue;
            const auto id = row.integer(column.name);
            if (!id) continue;
            const auto known = ids_[column.refers].find(*id);
            if (known != ids_[column.refers].end()) {
                cells[column.name] = static_cast<std::int64_t>(known->second);
                continue;
            }
            if (column.refers == "language" && !file_of("language") && *id <= last_fixed_language &&
                session_.first({"id"}, "FROM language WHERE id = ?", {static_cast<long long>(*id)}))
                continue;
            good = false;
            if (refused_[column.refers].contains(*id)) continue; // that one is a finding itself
            const Table& other = afcl::table(column.refers);
            finding(row, "unknown-reference",
                    fmt::format("has the {} {}, and {} {}", column.name, *id, other.file,
                                file_of(column.refers) ? "has no such row" : "is missing"),
                    fmt::format("add the row to {}", other.file));
        }
        return good;
    }

    const FileRow* row_in_file(std::string_view name, std::optional<std::int64_t> id) const {
        const FileTable* file = file_of(name);
        if (!file || !id) return nullptr;
        for (const FileRow& row : file->rows)
            if (row.id == *id) return &row;
        return nullptr;
    }

    /// What files can contradict themselves in.
    bool consistent(const FileRow& row) {
        if (table().name == "region") {
            const FileRow* provider = row_in_file("provider", row.integer("providerID"));
            const std::string named = row.text("provider");
            if (!provider || named.empty() || lower_case(named) == lower_case(provider->text("name")))
                return true;
            finding(row, "contradicting-row",
                    fmt::format("has the provider '{}', and its providerID {} is '{}'", named,
                                *row.integer("providerID"), provider->text("name")),
                    "correct one of the two");
            return false;
        }
        if (table().name != "functiondeployment") return true;
        if (row.text("name").ends_with(local_suffix)) {
            finding(row, "local-deployment", "is a deployment of a local cloud",
                    "import what was exported without --local");
            return false;
        }
        const FileRow* implementation =
            row_in_file("functionimplementation", row.integer("functionImplementation_id"));
        const FileRow* region = row_in_file("region", row.integer("regionID"));
        if (!implementation || !region ||
            implementation->integer("provider") == region->integer("providerID"))
            return true;
        finding(row, "contradicting-row",
                fmt::format("lies in the region '{}' of another provider than its implementation '{}' has",
                            region->text("region"), implementation->text("name")),
                "correct regionID or functionImplementation_id");
        return false;
    }

    /// The row of the database that is the same one.
    std::optional<long long> find_row(const FileRow& row, const Cells& cells) {
        std::string conditions;
        Values values;
        for (const Column& column : table().columns) {
            if (!column.key) continue;
            conditions += conditions.empty() ? "WHERE " : " AND ";
            const Value value = value_of(cells.at(column.name));
            const bool is_null = std::holds_alternative<std::nullptr_t>(value);
            conditions += fmt::format("`{}` {}", column.name, is_null ? "IS NULL" : "= ?");
            if (!is_null) values.push_back(value);
        }
        const std::string id = table().has_id ? "MIN(id)" : "MIN(0)";
        const auto found =
            session_.first({id}, fmt::format("FROM `{}` {}", table().name, conditions), values);
        if (found && !found->null(0)) {
            const long long there = found->integer(0);
            compare(row, cells, there);
            return there;
        }
        if (table().name == "functiontype") return of_same_type(row);
        if (table().name == "functiondeployment") refuse_taken_link(row);
        return std::nullopt;
    }

    /// A type is abstract: whoever implements it means the same row.
    std::optional<long long> of_same_type(const FileRow& row) {
        const auto found = session_.first({"id", "name"}, "FROM functiontype WHERE type = ? ORDER BY id",
                                          {row.text("type")});
        if (!found) return std::nullopt;
        result_.notices.push_back(fmt::format("{}: '{}' is '{}' here, which has the same type {}",
                                              table().file, row.text("name"), found->text(1),
                                              row.text("type")));
        return found->integer(0);
    }

    void refuse_taken_link(const FileRow& row) {
        const std::string link = row.text("KMS_Arn");
        if (link.empty()) return;
        if (const auto other = session_.first(
                {"name", "id"}, "FROM functiondeployment WHERE KMS_Arn = ? ORDER BY id", {link}))
            finding(row, "duplicate-link",
                    fmt::format("has the resource link {} of the function deployment '{}', which is in the "
                                "database (row {})",
                                link, other->text(0), other->integer(1)),
                    "remove one of the two: the AFCL engine fails at a link that two rows have");
    }

    /// A row of that name is there; it must not mean something else.
    void compare(const FileRow& row, const Cells& cells, long long there) {
        const auto expect = [&](const char* column, const std::string& hint) {
            const auto cell = cells.find(column);
            if (cell == cells.end()) return;
            const Value wanted = value_of(cell->second);
            const auto same = session_.first(
                {"COUNT(*)"},
                fmt::format("FROM `{0}` WHERE id = ? AND (`{1}` = ? OR `{1}` IS NULL)", table().name, column),
                {there, wanted});
            if (!std::holds_alternative<std::nullptr_t>(wanted) && same->integer(0) == 0)
                finding(row, "contradicting-row",
                        fmt::format("is in the database already, with another {}", column), hint);
        };
        const std::string rename = "rename one of the two";
        if (table().name == "region") expect("providerID", rename);
        if (table().name == "functiontype") expect("type", rename);
        if (table().name == "functionimplementation") {
            expect("functionType_id", rename);
            expect("provider", rename);
        }
        if (table().name == "functiondeployment") {
            expect("functionImplementation_id", rename);
            expect("KMS_Arn", "remove the row that is out of date");
        }
    }

    bool free(long long id) {
        const auto used = [&](std::string_view name, std::string_view column) {
            return session_.first({"COUNT(*)"}, fmt::format("FROM `{}` WHERE {} = ?", name, column), {id})
                       ->integer(0) > 0;
        };
        if (used(table().name, "id")) return false;
        // A row that another program deleted may still have one of ours, which would claim the new one.
        if (table().name == "functiondeployment")
            return !used("pyfops_fd", "fd_id") && !used("pyfops_link", "fd_id");
        return table().name != "functionimplementation" || !used("pyfops_fi", "fi_id");
    }

    long long insert(const FileRow& row, const Cells& cells) {
        std::string names, marks;
        Values values;
        const auto add = [&](std::string_view name, Value value) {
            names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
            marks += marks.empty() ? "?" : ", ?";
            values.push_back(std::move(value));
        };
        long long id = row.id;
        bool given = table().has_id;
        if (given && !free(id)) {
            given = !table().counts;
            id = session_.first({"COALESCE(MAX(id), 0) + 1"}, fmt::format("FROM `{}`", table().name))
                     ->integer(0);
        }
        if (given) add("id", id);
        for (const Column& column : table().columns)
            if (const auto cell = cells.find(column.name); cell != cells.end())
                add(column.name, value_of(cell->second));
        const long long made = session_.insert(
            fmt::format("INSERT INTO `{}` ({}) VALUES ({})", table().name, names, marks), values);
        return given ? id : made;
    }

    Session& session_;
    const std::vector<FileTable>& files_;
    Diagnostics& diagnostics_;
    const FileTable* file_ = nullptr;
    std::map<std::string_view, std::map<std::int64_t, long long>> ids_; ///< by table: file's to database's
    std::map<std::string_view, std::set<std::int64_t>> refused_;
    AfclImport result_;
};

AfclImport import_once(const DatabaseUrl& url, const std::vector<FileTable>& files, bool check,
                       Diagnostics& diagnostics) {
    Session session(url, {});
    store::require_current(session, url);
    Transaction transaction(session, url, Access::catalogue);
    AfclImport result = Import(session, files, diagnostics).run();
    if (check || diagnostics.has_errors()) return result; // the transaction is rolled back
    transaction.commit();
    result.written = true;
    return result;
}

} // namespace

AfclImport import_afcl(const DatabaseUrl& url, const std::filesystem::path& directory, bool check,
                       Diagnostics& diagnostics) {
    const std::vector<FileTable> files = store::read_metadata_files(directory, diagnostics);
    if (diagnostics.has_errors()) return {};
    for (bool again = false;; again = true) {
        Diagnostics found;
        try {
            AfclImport result = import_once(url, files, check, found);
            for (const Finding& finding : found.findings())
                diagnostics.add(finding);
            return result;
        } catch (const Failure& failure) {
            const bool worth_it =
                failure.kind() == Failure::Kind::lost || failure.kind() == Failure::Kind::collided;
            if (again || !worth_it) throw store::to_error(failure, url);
        }
    }
}

} // namespace pyfops
