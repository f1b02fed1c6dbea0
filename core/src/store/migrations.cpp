// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.hpp"

#include "pyfops_store_sql_embedded.hpp"

#include "pyfops/clock.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pyfops::store {
namespace {

/// Splits at semicolons outside quotes; comment lines are left out.
std::vector<std::string> statements_of(std::string_view text) {
    std::vector<std::string> statements;
    std::string current;
    char quote = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (quote == 0 && line.starts_with("--")) continue;
        for (const char c : line) {
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '\'' || c == '`') {
                quote = c;
            } else if (c == ';') {
                statements.push_back(std::move(current));
                current.clear();
                continue;
            }
            if (current.empty() && c == ' ') continue;
            current += c;
        }
        if (!current.empty()) current += '\n';
    }
    return statements;
}

Error newer(const DatabaseUrl& url, int version) {
    return Error(ErrorKind::storage,
                 fmt::format("{}: the schema has version {}, and this pyfOps knows only {}", url.str(),
                             version, latest_version()))
        .hint("use the newer pyfOps that made it, or another database");
}

/// The second name in backticks, looked up: SQLite knows no ADD COLUMN IF NOT EXISTS.
bool adds_existing_column(Session& session, const std::string& statement) {
    const auto name = [&](std::size_t from) {
        const auto start = statement.find('`', from) + 1;
        return std::pair(statement.substr(start, statement.find('`', start) - start),
                         statement.find('`', start));
    };
    const auto [table, end] = name(0);
    const auto [column, unused] = name(end + 1);
    return session
               .first({"COUNT(*)"}, "FROM pragma_table_info(?) WHERE lower(name) = lower(?)", {table, column})
               ->integer(0) > 0;
}

void apply(Session& session, const std::string& statement) {
    constexpr std::string_view condition = "ADD COLUMN IF NOT EXISTS";
    const auto at = statement.find(condition);
    if (session.mariadb() || at == std::string::npos) return session.execute(statement);
    if (adds_existing_column(session, statement)) return;
    session.execute(std::string(statement).replace(at, condition.size(), "ADD COLUMN"));
}

void apply(Session& session, const Migration& migration) {
    for (const std::string& statement : migration.statements)
        apply(session, statement);
    session.execute(
        "INSERT INTO pyfops_schema_version (version, name, checksum, applied) VALUES (?, ?, ?, ?)",
        {static_cast<long long>(migration.version), migration.name, migration.checksum,
         to_iso8601(std::chrono::system_clock::now())});
}

void create_version_table(Session& session) {
    session.execute(
        "CREATE TABLE IF NOT EXISTS pyfops_schema_version (version int NOT NULL PRIMARY KEY, "
        "name varchar(64) NOT NULL, checksum varchar(64) NOT NULL, applied varchar(32) NOT NULL)");
}

/// Write-ahead logging lets readers work beside a writer. The mode stays with the file. It cannot be changed
/// while somebody else has the file open for writing: then that one changes it.
void use_write_ahead_log(Session& session) {
    try {
        session.execute("PRAGMA journal_mode = WAL");
    } catch (const Failure& failure) {
        if (failure.kind() != Failure::Kind::busy) throw;
    }
}

} // namespace

std::vector<Migration> migrations(bool mariadb) {
    const std::string_view suffix = mariadb ? ".mariadb.sql" : ".sqlite.sql";
    std::vector<Migration> all;
    for (const std::string_view path : sql::paths()) {
        if (!path.ends_with(suffix)) continue;
        Migration migration;
        migration.name = path.substr(0, path.size() - suffix.size());
        std::from_chars(migration.name.data(), migration.name.data() + 4, migration.version);
        migration.statements = statements_of(sql::text(path));
        Sha256 hash;
        for (const std::string& statement : migration.statements)
            hash.update(statement).update(";");
        migration.checksum = hex(hash.finish());
        all.push_back(std::move(migration));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
    return all;
}

int latest_version() {
    static const int version = migrations(false).back().version;
    return version;
}

int schema_version(Session& session) {
    if (!session.has_table("pyfops_schema_version")) return 0;
    return static_cast<int>(
        session.first({"COALESCE(MAX(version), 0)"}, "FROM pyfops_schema_version")->integer(0));
}

std::vector<std::string> checksum_findings(Session& session) {
    std::vector<std::string> findings;
    if (!session.has_table("pyfops_schema_version")) return findings;
    const auto known = migrations(session.mariadb());
    for (const Row& row :
         session.select({"version", "checksum"}, "FROM pyfops_schema_version ORDER BY version"))
        for (const Migration& migration : known)
            if (migration.version == row.integer(0) && migration.checksum != row.text(1))
                findings.push_back(fmt::format(
                    "the step {} was applied in another form than this pyfOps has: the tables may differ",
                    migration.name));
    return findings;
}

bool migrate(Session& session, const DatabaseUrl& url) {
    const int before = schema_version(session);
    if (before > latest_version()) throw newer(url, before);
    if (before == latest_version()) return false; // locks nothing
    if (session.mariadb()) {
        // DDL commits by itself there: each statement can be repeated, and the row comes last.
        const NamedLock lock(session, lock_name(url), 2 * session.lock_seconds());
        create_version_table(session);
        const int version = schema_version(session);
        if (version > latest_version()) throw newer(url, version);
        for (const Migration& migration : migrations(true))
            if (migration.version > version) apply(session, migration);
        return true;
    }
    use_write_ahead_log(session);
    for (const Migration& migration : migrations(false)) {
        Transaction transaction(session, url, Access::catalogue);
        create_version_table(session);
        const int version = schema_version(session);
        if (version > latest_version()) throw newer(url, version);
        if (migration.version > version) apply(session, migration);
        transaction.commit();
    }
    return true;
}

void require_current(Session& session, const DatabaseUrl& url) {
    if (session.schema_checked) return;
    const int version = schema_version(session);
    if (version > latest_version()) throw newer(url, version);
    if (version < latest_version())
        throw Error(ErrorKind::storage, fmt::format("{}: the schema has version {}, and this pyfOps needs {}",
                                                    url.str(), version, latest_version()))
            .hint("run 'pyfops db migrate'");
    session.schema_checked = true;
}

} // namespace pyfops::store
