// SPDX-License-Identifier: Apache-2.0
// Databases for the tests, and a look into them that goes past the code under test.
#pragma once

#include "support/mariadb_server.hpp"
#include "support/temporary_directory.hpp"

#include "pyfops/log.hpp"
#include "pyfops/store.hpp"

#include <doctest/doctest.h>
#include <mysql.h>
#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace pyfops::testing {

/// A database of its own, empty at first.
class TestDatabase {
  public:
    virtual ~TestDatabase() = default;
    virtual DatabaseUrl url() const = 0;
    /// Rows as "a|b|c" lines; NULL as "NULL". Runs anything.
    virtual std::string ask(const std::string& sql) = 0;
    std::unique_ptr<Store> open() const { return open_store(url(), null_log()); }
    std::unique_ptr<Store> migrated() const {
        auto store = open();
        store->migrate();
        return store;
    }
};

class SqliteDatabase final : public TestDatabase {
  public:
    DatabaseUrl url() const override {
        DatabaseUrl url;
        url.path = directory_.path() / "with space" / "afcl.db";
        return url;
    }

    std::string ask(const std::string& sql) override {
        sqlite3* database = nullptr;
        std::string out;
        char* message = nullptr;
        const auto row = [](void* into, int count, char** values, char**) {
            auto& text = *static_cast<std::string*>(into);
            for (int i = 0; i < count; ++i)
                text += std::string(i > 0 ? "|" : "") + (values[i] ? values[i] : "NULL");
            text += "\n";
            return 0;
        };
        int result = sqlite3_open(url().path.c_str(), &database);
        sqlite3_busy_timeout(database, 10'000);
        if (result == SQLITE_OK) result = sqlite3_exec(database, sql.c_str(), row, &out, &message);
        const std::string failure = message ? message : "";
        sqlite3_free(message);
        sqlite3_close(database);
        if (result != SQLITE_OK) throw std::runtime_error(sql + ": " + failure);
        return out;
    }

  private:
    TemporaryDirectory directory_;
};

class MariaDbDatabase final : public TestDatabase {
  public:
    MariaDbDatabase() {
        static int count = 0;
        name_ = "afcl_" + std::to_string(++count);
        MariaDbServer::shared().create_database(name_);
    }

    DatabaseUrl url() const override {
        DatabaseUrl url;
        url.kind = DatabaseUrl::Kind::mariadb;
        url.host = "localhost";
        url.user = "root";
        url.name = name_;
        url.socket = MariaDbServer::shared().socket();
        return url;
    }

    std::string ask(const std::string& sql) override {
        const std::unique_ptr<MYSQL, decltype(&mysql_close)> connection(mysql_init(nullptr), &mysql_close);
        mysql_options(connection.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (!mysql_real_connect(connection.get(), nullptr, "root", "", name_.c_str(), 0,
                                MariaDbServer::shared().socket().c_str(), CLIENT_MULTI_STATEMENTS) ||
            mysql_real_query(connection.get(), sql.data(), sql.size()) != 0)
            throw std::runtime_error(sql + ": " + mysql_error(connection.get()));
        std::string out;
        do {
            const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(
                mysql_store_result(connection.get()), &mysql_free_result);
            if (!result) continue;
            const unsigned columns = mysql_num_fields(result.get());
            while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
                const unsigned long* lengths = mysql_fetch_lengths(result.get());
                for (unsigned i = 0; i < columns; ++i)
                    out += (i > 0 ? "|" : "") + (row[i] ? std::string(row[i], lengths[i]) : "NULL");
                out += "\n";
            }
        } while (mysql_next_result(connection.get()) == 0);
        if (mysql_errno(connection.get()) != 0)
            throw std::runtime_error(sql + ": " + mysql_error(connection.get()));
        return out;
    }

    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

inline bool no_mariadb() {
    if (MariaDbServer::available()) return false;
    MESSAGE("SKIPPED: no mariadbd at ", MariaDbServer::program);
    return true;
}

} // namespace pyfops::testing
