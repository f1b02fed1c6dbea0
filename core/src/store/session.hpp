// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/store.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pyfops::store {

/// What a database said when it refused; becomes an Error(storage) where the store is left.
class Failure : public std::exception {
  public:
    enum class Kind {
        lost,      ///< the connection broke: a new session may do the same again
        collided,  ///< deadlock or duplicate key: the same again sees what the other one wrote
        busy,      ///< locked by somebody else for too long
        no_server, ///< nothing answers there
        denied,    ///< wrong user or password
        no_database,
        no_privilege,
        read_only,
        full,
        not_a_database, ///< SQLite: damaged, or another kind of file
        cannot_open,    ///< SQLite: no such folder, no permission
        other
    };
    Failure(Kind kind, std::string message) : kind_(kind), message_(std::move(message)) {}
    Kind kind() const noexcept { return kind_; }
    const char* what() const noexcept override { return message_.c_str(); }

  private:
    Kind kind_;
    std::string message_;
};

/// Says what failed, which database and what to do.
Error to_error(const Failure& failure, const DatabaseUrl& url);

using Value = std::variant<std::nullptr_t, long long, double, std::string>;
using Values = std::vector<Value>;

Value or_null(const std::optional<int>& value);
Value or_null(const std::optional<bool>& value);
Value or_null(const std::optional<long long>& value);
/// NULL also for what is no number: databases have no such value.
Value or_null(const std::optional<double>& value);

/// One row of an answer, as text.
class Row {
  public:
    explicit Row(std::vector<std::optional<std::string>> columns) : columns_(std::move(columns)) {}
    bool null(std::size_t column) const { return !columns_.at(column).has_value(); }
    std::string text(std::size_t column) const { return columns_.at(column).value_or(""); }
    long long integer(std::size_t column) const;
    double number(std::size_t column) const;
    std::optional<double> optional_number(std::size_t column) const {
        return null(column) ? std::nullopt : std::optional(number(column));
    }

  private:
    std::vector<std::optional<std::string>> columns_;
};
using Rows = std::vector<Row>;

struct SessionOptions {
    std::function<void(std::string_view sql)> before_statement; ///< tests stop a process there
    int lock_seconds = 30;                                      ///< how long to wait for somebody else's lock
};

/// One connection. The only class that knows SOCI. Throws Failure. Statements take '?' for their values.
class Session {
  public:
    Session(const DatabaseUrl& url, SessionOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    int lock_seconds() const noexcept { return options_.lock_seconds; }
    bool mariadb() const noexcept { return mariadb_; }
    void execute(const std::string& sql, const Values& values = {});
    /// Returns the new row's id.
    long long insert(const std::string& sql, const Values& values);
    /// SELECT `columns` `rest`. The columns are always named: the SOCI back ends throw on types that
    /// `SELECT *` would meet in the AFCL tables (bit).
    Rows select(const std::vector<std::string>& columns, const std::string& rest, const Values& values = {});
    /// The first row, if any.
    std::optional<Row> first(const std::vector<std::string>& columns, const std::string& rest,
                             const Values& values = {});
    bool has_table(const std::string& name);

    /// The unit's own note on this connection: the schema was looked at.
    bool schema_checked = false;

  private:
    struct State;
    Rows run(const std::string& sql, const Values& values, std::size_t columns);
    bool mariadb_;
    SessionOptions options_;
    std::unique_ptr<State> state_;
};

/// MariaDB's named lock of this database, for what is more than one transaction; nothing on SQLite.
class NamedLock {
  public:
    NamedLock(Session& session, const std::string& name, int seconds);
    ~NamedLock();
    NamedLock(const NamedLock&) = delete;
    NamedLock& operator=(const NamedLock&) = delete;

  private:
    Session& session_;
    std::string name_;
};

enum class Access {
    read,     ///< a consistent view
    write,    ///< rows that only this process names, about what happened: they need not outlive a power cut
    counters, ///< such rows, and rows that every process changes: one writer at a time in the whole database
    catalogue ///< rows that every process may create: one writer at a time as well
};

/// Begins in the constructor; rolls back unless committed. Counters and catalogue access hold a named lock
/// (MariaDB) or the write lock from the start (SQLite), so what is read under it stays true until the commit,
/// as far as pyfOps alone writes it.
class Transaction {
  public:
    Transaction(Session& session, const DatabaseUrl& url, Access access);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

  private:
    Session& session_;
    std::optional<NamedLock> lock_;
    bool open_ = true;
};

/// Lock names are the whole server's: the database's name is part of them.
std::string lock_name(const DatabaseUrl& url);

} // namespace pyfops::store
