// SPDX-License-Identifier: Apache-2.0
#include "store/session.hpp"

#include "store/text.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <utility>

namespace pyfops::store {
namespace {

constexpr int connect_seconds = 10;
constexpr int network_seconds = 120; // longer than any wait for a lock

Failure::Kind kind_of_mariadb(unsigned code) {
    switch (code) {
    case 2006: // gone away
    case 2013: // lost
    case 2055: // lost, with the system's reason
    case 1053: // shutting down
    case 1077:
    case 1079:
    case 1927: // killed
        return Failure::Kind::lost;
    case 1020: // changed since this transaction began (newer servers)
    case 1062: // duplicate key
    case 1213: // deadlock
        return Failure::Kind::collided;
    case 1205: // lock wait
    case 1040: // too many connections
    case 1203:
        return Failure::Kind::busy;
    case 2002:
    case 2003:
    case 2005:
        return Failure::Kind::no_server;
    case 1045:
    case 1698:
    case 1130:
        return Failure::Kind::denied;
    case 1049:
        return Failure::Kind::no_database;
    case 1044:
    case 1142:
    case 1143:
    case 1227:
        return Failure::Kind::no_privilege;
    case 1290:
    case 1036:
    case 1792:
    case 1836:
        return Failure::Kind::read_only;
    case 1021:
    case 1114:
        return Failure::Kind::full;
    default:
        return Failure::Kind::other;
    }
}

Failure::Kind kind_of_sqlite(int code) {
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Failure::Kind::busy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return Failure::Kind::read_only;
    case SQLITE_FULL:
        return Failure::Kind::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Failure::Kind::not_a_database;
    case SQLITE_CANTOPEN:
        return Failure::Kind::cannot_open;
    case SQLITE_CONSTRAINT:
        return Failure::Kind::collided;
    default:
        return Failure::Kind::other;
    }
}

/// get_error_message, not what(): the latter repeats the bound values.
[[noreturn]] void rethrow(const soci::soci_error& error) {
    if (const auto* mariadb = dynamic_cast<const soci::mysql_soci_error*>(&error))
        throw Failure(kind_of_mariadb(mariadb->err_num_), error.get_error_message());
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
        throw Failure(kind_of_sqlite(sqlite->result()), error.get_error_message());
    throw Failure(Failure::Kind::other, error.get_error_message());
}

/// A value of SOCI's MySQL connection string.
std::string soci_value(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string mariadb_connection(const DatabaseUrl& url) {
    // The client library takes "localhost" for "the default socket"; a socket is used when one is named.
    const std::string host = url.host == "localhost" && url.socket.empty() ? "127.0.0.1" : url.host;
    std::string text =
        fmt::format("db={} user={} password={} charset=utf8mb4 connect_timeout={} "
                    "read_timeout={} write_timeout={}",
                    soci_value(url.name), soci_value(url.user), soci_value(url.password.expose()),
                    connect_seconds, network_seconds, network_seconds);
    if (!url.socket.empty())
        text += " host=localhost unix_socket=" + soci_value(url.socket);
    else
        text += fmt::format(" host={} port={}", soci_value(host), url.port);
    if (!url.ssl_ca.empty()) text += " sslca=" + soci_value(url.ssl_ca);
    return text;
}

std::string sqlite_connection(const DatabaseUrl& url, int lock_seconds) {
    const std::string path = url.path.string();
    if (path.find('"') != std::string::npos)
        throw Failure(Failure::Kind::cannot_open, "the path of an SQLite database cannot hold a quote");
    return fmt::format("dbname=\"{}\" timeout={}", path, lock_seconds);
}

/// Both back ends take named values only; '?' outside quotes becomes the next name.
std::string with_names(const std::string& sql) {
    std::string out;
    char quote = 0;
    int next = 0;
    for (const char c : sql) {
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        } else if (c == '?') {
            out += fmt::format(":v{}", ++next);
            continue;
        }
        out += c;
    }
    return out;
}

/// A bound value; it must outlive the execution.
struct Bound {
    long long integer = 0;
    double number = 0;
    std::string text;
    soci::indicator indicator = soci::i_ok;
};

} // namespace

struct Session::State {
    soci::session soci;
};

Value or_null(const std::optional<int>& value) {
    return value ? Value(static_cast<long long>(*value)) : Value(nullptr);
}

Value or_null(const std::optional<bool>& value) {
    return value ? Value(static_cast<long long>(*value)) : Value(nullptr);
}

Value or_null(const std::optional<long long>& value) {
    return value ? Value(*value) : Value(nullptr);
}

Value or_null(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? Value(*value) : Value(nullptr);
}

long long Row::integer(std::size_t column) const {
    const std::string value = text(column);
    long long number = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failure != std::errc() || end == value.data()) return 0;
    return number;
}

double Row::number(std::size_t column) const {
    const std::string value = text(column);
    double result = 0; // not strtod: that reads by the locale
    std::from_chars(value.data(), value.data() + value.size(), result);
    return result;
}

Session::Session(const DatabaseUrl& url, SessionOptions options)
    : mariadb_(url.kind == DatabaseUrl::Kind::mariadb),
      options_(std::move(options)),
      state_(std::make_unique<State>()) {
    static const bool registered = [] {
        soci::register_factory_sqlite3();
        soci::register_factory_mysql();
        return true;
    }();
    (void)registered;
    try {
        if (mariadb_)
            state_->soci.open("mysql", mariadb_connection(url));
        else
            state_->soci.open("sqlite3", sqlite_connection(url, options_.lock_seconds));
    } catch (const soci::soci_error& error) {
        rethrow(error);
    }
    if (mariadb_) {
        run("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'", {}, 0);
        run(fmt::format("SET SESSION autocommit = 1, innodb_lock_wait_timeout = {}", options_.lock_seconds),
            {}, 0);
    } else {
        run("PRAGMA foreign_keys = ON", {}, 0);
        run("SELECT COUNT(*) FROM sqlite_master", {}, 1); // SQLite opens the file at the first read
    }
}

Session::~Session() = default;

Rows Session::run(const std::string& sql, const Values& values, std::size_t columns) {
    if (options_.before_statement) options_.before_statement(sql);
    std::deque<Bound> bound;
    std::deque<std::string> texts(columns);
    std::deque<soci::indicator> indicators(columns, soci::i_ok);
    Rows rows;
    try {
        soci::statement statement(state_->soci);
        statement.alloc();
        for (const Value& value : values) {
            Bound& slot = bound.emplace_back();
            if (const auto* integer = std::get_if<long long>(&value)) {
                slot.integer = *integer;
                statement.exchange(soci::use(slot.integer, slot.indicator));
            } else if (const auto* number = std::get_if<double>(&value)) {
                slot.number = *number;
                statement.exchange(soci::use(slot.number, slot.indicator));
            } else {
                if (const auto* text = std::get_if<std::string>(&value))
                    slot.text = valid_utf8(*text);
                else
                    slot.indicator = soci::i_null;
                statement.exchange(soci::use(slot.text, slot.indicator));
            }
        }
        for (std::size_t i = 0; i < columns; ++i)
            statement.exchange(soci::into(texts[i], indicators[i]));
        statement.prepare(with_names(sql));
        statement.define_and_bind();
        for (bool more = statement.execute(true); more && columns > 0; more = statement.fetch()) {
            std::vector<std::optional<std::string>> row(columns);
            for (std::size_t i = 0; i < columns; ++i)
                if (indicators[i] == soci::i_ok) row[i] = texts[i];
            rows.emplace_back(std::move(row));
        }
    } catch (const soci::soci_error& error) {
        rethrow(error);
    }
    return rows;
}

void Session::execute(const std::string& sql, const Values& values) {
    run(sql, values, 0);
}

long long Session::insert(const std::string& sql, const Values& values) {
    run(sql, values, 0);
    long long id = 0;
    try {
        state_->soci.get_last_insert_id("", id);
    } catch (const soci::soci_error& error) {
        rethrow(error);
    }
    return id;
}

Rows Session::select(const std::vector<std::string>& columns, const std::string& rest, const Values& values) {
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < columns.size(); ++i)
        sql += (i > 0 ? ", " : "") + columns[i];
    return run(sql + " " + rest, values, columns.size());
}

std::optional<Row> Session::first(const std::vector<std::string>& columns, const std::string& rest,
                                  const Values& values) {
    Rows rows = select(columns, rest, values);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

bool Session::has_table(const std::string& name) {
    if (mariadb_)
        return first({"COUNT(*)"},
                     "FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
                     {name})
                   ->integer(0) > 0;
    return first({"COUNT(*)"}, "FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?)", {name})
               ->integer(0) > 0;
}

std::string lock_name(const DatabaseUrl& url) {
    return "pyfops." + sha256_hex(url.name).substr(0, 16);
}

NamedLock::NamedLock(Session& session, const std::string& name, int seconds)
    : session_(session),
      name_(session.mariadb() ? name : "") {
    if (name_.empty()) return;
    const auto got = session_.first({fmt::format("GET_LOCK(?, {})", seconds)}, "", {name_});
    if (!got || got->integer(0) != 1)
        throw Failure(Failure::Kind::busy,
                      fmt::format("another pyfOps process kept its lock for {} s", seconds));
}

NamedLock::~NamedLock() {
    if (name_.empty()) return;
    try {
        session_.execute("DO RELEASE_LOCK(?)", {name_});
    } catch (const std::exception&) { // the connection is gone, and the lock with it
    }
}

Transaction::Transaction(Session& session, const DatabaseUrl& url, Access access) : session_(session) {
    // The lock comes before BEGIN: the transaction's view must not be older than the lock.
    if (access == Access::catalogue || access == Access::counters)
        lock_.emplace(session, lock_name(url), session.lock_seconds());
    if (session.mariadb()) {
        session_.execute("BEGIN");
        return;
    }
    // A later commit in full mode takes the earlier ones to the disk with it.
    if (access != Access::read)
        session_.execute(access == Access::catalogue ? "PRAGMA synchronous = FULL"
                                                     : "PRAGMA synchronous = NORMAL");
    session_.execute(access == Access::read ? "BEGIN" : "BEGIN IMMEDIATE");
}

void Transaction::commit() {
    session_.execute("COMMIT");
    open_ = false;
}

Transaction::~Transaction() {
    try {
        if (open_) session_.execute("ROLLBACK");
    } catch (const std::exception&) { // the connection is gone, and with it the transaction
    }
}

} // namespace pyfops::store
