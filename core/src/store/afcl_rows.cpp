// SPDX-License-Identifier: Apache-2.0
// AFCL's tables as rows of JSON.
#include "afcl/tables.hpp"
#include "store/migrations.hpp"
#include "store/session.hpp"

#include "pyfops/afcl.hpp"

#include <fmt/format.h>

#include <set>

namespace pyfops {

using afcl::Column;
using afcl::Kind;
using afcl::Table;
using store::Access;
using store::Failure;
using store::Row;
using store::Session;
using store::Transaction;

namespace {

/// SQLite shows 15 digits of a number unless it is told otherwise.
std::string selected(const Session& session, const Column& column) {
    const std::string name = fmt::format("f.`{}`", column.name);
    if (column.kind == Kind::flag) return name + " + 0";
    if (column.kind != Kind::real || session.mariadb()) return name;
    return fmt::format("CASE WHEN {0} IS NULL THEN NULL ELSE printf('%!.17g', {0}) END", name);
}

json::value value_of(const Row& row, std::size_t at, Kind kind) {
    if (row.null(at)) return nullptr;
    switch (kind) {
    case Kind::integer:
    case Kind::digit:
        return row.integer(at);
    case Kind::real:
        return row.number(at);
    case Kind::flag:
        return row.integer(at) != 0;
    case Kind::text:
        break;
    }
    return json::string(row.text(at));
}

/// Which rows a realm has: those that a table of ours says are its own, and in the real one also those that
/// no table of ours knows.
std::string rows_of(std::string_view table, Realm realm) {
    const bool real = realm == Realm::real;
    const auto known = [&](std::string_view mine) {
        return fmt::format("({}{}.realm = '{}')", mine,
                           real ? fmt::format(".realm IS NULL OR {}", mine) : std::string(),
                           to_string(realm));
    };
    if (table == "functiondeployment")
        return "FROM functiondeployment f LEFT JOIN pyfops_fd p ON p.fd_id = f.id WHERE " + known("p");
    if (table == "functionimplementation")
        return "FROM functionimplementation f LEFT JOIN pyfops_fi p ON p.fi_id = f.id WHERE " + known("p");
    if (table == "functiontype") {
        const std::string implemented =
            "EXISTS (SELECT 1 FROM functionimplementation i LEFT JOIN pyfops_fi p ON p.fi_id = i.id WHERE "
            "i.functionType_id = f.id AND " +
            known("p") + ")";
        const std::string never = "NOT EXISTS (SELECT 1 FROM functionimplementation i WHERE "
                                  "i.functionType_id = f.id)";
        return "FROM functiontype f WHERE " + implemented + (real ? " OR " + never : "");
    }
    return fmt::format("FROM `{}` f", table);
}

json::array read_table(Session& session, const Table& table, Realm realm) {
    std::vector<std::string> columns;
    if (table.has_id) columns.emplace_back("f.id");
    for (const Column& column : table.columns)
        columns.push_back(selected(session, column));
    const std::string order = table.has_id ? " ORDER BY f.id" : " ORDER BY 1, 2";
    json::array rows;
    for (const Row& row : session.select(columns, rows_of(table.name, realm) + order)) {
        json::object object;
        std::size_t at = 0;
        if (table.has_id) object["id"] = row.integer(at++);
        for (const Column& column : table.columns)
            object[column.name] = value_of(row, at++, column.kind);
        rows.push_back(std::move(object));
    }
    return rows;
}

void keep_used_languages(AfclTables& tables) {
    std::set<long long> used;
    for (const json::value& row : tables["functionimplementation"])
        if (const json::value& language = row.at("language_id"); language.is_int64())
            used.insert(language.as_int64());
    json::array kept;
    for (json::value& row : tables["language"])
        if (used.contains(row.at("id").as_int64())) kept.push_back(std::move(row));
    tables["language"] = std::move(kept);
}

} // namespace

AfclTables read_afcl_tables(const DatabaseUrl& url, Realm realm) {
    try {
        Session session(url, {});
        store::require_current(session, url);
        Transaction transaction(session, url, Access::read);
        AfclTables tables;
        for (const Table& table : afcl::tables())
            tables[std::string(table.name)] = read_table(session, table, realm);
        transaction.commit();
        keep_used_languages(tables);
        return tables;
    } catch (const Failure& failure) {
        throw store::to_error(failure, url);
    }
}

} // namespace pyfops
