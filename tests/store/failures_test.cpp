// SPDX-License-Identifier: Apache-2.0
// Databases that do not do what they are asked.
#include "child.hpp"
#include "database.hpp"
#include "records.hpp"

#include "store/open.hpp"

#include "pyfops/error.hpp"
#include "pyfops/journal.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

/// The error of `work`, which must be one that names the database and says what to do.
std::string failure_of(const DatabaseUrl& url, const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        const std::string text = error.what();
        CHECK_MESSAGE(error.kind() == ErrorKind::storage, text);
        CHECK_MESSAGE(text.find(url.str()) != std::string::npos, text);
        CHECK_MESSAGE(!error.hint().empty(), text);
        return text;
    }
    FAIL("no error");
    return "";
}

std::string open_failure(const DatabaseUrl& url) {
    return failure_of(url, [&] { open_store(url, null_log())->migrate(); });
}

#define CHECK_CONTAINS(text, part)                                                                           \
    do {                                                                                                     \
        const std::string shown = text;                                                                      \
        CHECK_MESSAGE(shown.find(part) != std::string::npos, shown);                                         \
    } while (false)

/// A server of its own: these tests break it.
struct Broken {
    MariaDbServer server{true};
    DatabaseUrl url;
    Broken() {
        server.create_database("afcl");
        server.query("CREATE USER 'me'@'127.0.0.1' IDENTIFIED BY 'it''s \\\\ a \"pass\" w\xc3\xb6rd'; "
                     "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON afcl.* TO "
                     "'me'@'127.0.0.1'; CREATE DATABASE private");
        url.kind = DatabaseUrl::Kind::mariadb;
        url.host = "localhost";
        url.port = static_cast<std::uint16_t>(server.port());
        url.user = "me";
        url.password = Secret(std::string("it's \\ a \"pass\" w\xc3\xb6rd"));
        url.name = "afcl";
    }
};

} // namespace

TEST_SUITE_BEGIN("mariadb");

TEST_CASE("a server that refuses gives a sentence that says why") {
    if (no_mariadb()) return;
    Broken broken;
    {
        auto store = open_store(broken.url, null_log());
        CHECK(store->migrate().version > 0);
    }
    DatabaseUrl url = broken.url;
    url.password = Secret(std::string("wrong-password"));
    const std::string denied = open_failure(url);
    CHECK_CONTAINS(denied, "does not accept this user and password");
    CHECK_CONTAINS(denied, "PYFOPS_DB_PASSWORD");
    CHECK(denied.find("wrong-password") == std::string::npos);
    url = broken.url;
    url.name = "private";
    CHECK_CONTAINS(open_failure(url), "the user may not do this");
    url.name = "nowhere";
    CHECK_CONTAINS(open_failure(url),
                   "the user may not do this"); // a server does not tell strangers what it has
    url.user = "root";
    url.password = Secret();
    url.host = "";
    url.socket = broken.server.socket();
    CHECK_CONTAINS(open_failure(url), "CREATE DATABASE `nowhere`");
    url.socket = "/nowhere/socket";
    CHECK_CONTAINS(open_failure(url), "no database server answers there");
    url = broken.url;
    url.host = "host.invalid";
    CHECK_CONTAINS(open_failure(url), "no database server answers there");
    broken.server.query("SET GLOBAL read_only = 1");
    CHECK_CONTAINS(failure_of(broken.url, [&] { open_store(broken.url, null_log())->begin_run(a_run()); }),
                   "the database cannot be written");
    broken.server.query("SET GLOBAL read_only = 0");
    broken.server.query(
        "DROP USER 'me'@'127.0.0.1'; CREATE USER 'me'@'127.0.0.1' IDENTIFIED BY 'xyz!'; GRANT SELECT ON "
        "afcl.* TO 'me'@'127.0.0.1'");
    broken.url.password = Secret(std::string("xyz!"));
    CHECK_CONTAINS(failure_of(broken.url, [&] { open_store(broken.url, null_log())->begin_run(a_run()); }),
                   "the user may not do this");
    CHECK(open_store(broken.url, null_log())->deployments({}).empty()); // reading is enough to read
}

TEST_CASE("a server that dies in the middle costs nothing: the journal has it") {
    if (no_mariadb()) return;
    Broken broken;
    const TemporaryDirectory directory;
    const auto file = directory.path() / "journal";
    auto store = open_store(broken.url, null_log());
    store->migrate();
    {
        Journal journal(file);
        const RunId run = store->begin_run(a_run());
        const std::string id = journal.append(a_run(), an_intent());
        store->record_intent(run, an_intent());
        journal.settle(id);
        broken.server.kill();
        journal.append(a_run(), an_outcome());
        const std::string text = failure_of(broken.url, [&] { store->record_outcome(run, an_outcome()); });
        CHECK_CONTAINS(text, "no database server answers there");
    }
    broken.server.start();
    Journal journal(file);
    CHECK(journal.replay(*store) == 1); // the same store: it connects anew
    CHECK(store->deployments({}).at(0).link == an_outcome().link);
    CHECK(std::filesystem::file_size(file) == 0);
}

TEST_CASE("a connection that is cut at any statement is made anew and the unit done once") {
    if (no_mariadb()) return;
    MariaDbDatabase database;
    database.migrated();
    int cuts = 0;
    for (int at = 1;; ++at) {
        const std::string project = "cut" + std::to_string(at);
        int left = 0;
        store::SessionOptions options;
        options.before_statement = [&](std::string_view) {
            if (left == 0 || --left > 0) return;
            database.ask(
                "SET @other = (SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND "
                "id <> CONNECTION_ID() LIMIT 1); EXECUTE IMMEDIATE CONCAT('KILL CONNECTION ', @other)");
        };
        auto store = store::open(database.url(), null_log(), options);
        left = at; // not while it connects
        const FdIdentity identity = an_identity("f", project);
        const RunId run = store->begin_run(a_run(project));
        store->record_intent(run, an_intent(identity));
        store->record_outcome(run, an_outcome(identity));
        DeploymentFilter filter;
        filter.project = project;
        REQUIRE(store->deployments(filter).size() == 1);
        CHECK(store->deployments(filter)[0].deployed);
        CHECK(database.ask("SELECT COUNT(*) FROM pyfops_run WHERE uuid = '" + project + "'") == "1\n");
        CHECK(database.ask("SELECT COUNT(*) FROM pyfops_deployment d JOIN pyfops_run r ON r.id = d.run_id "
                           "WHERE r.uuid = "
                           "'" +
                           project + "'") == "1\n");
        if (left > 0) break;
        ++cuts;
    }
    CHECK(cuts > 40);
}

TEST_CASE("another writer's lock is waited for and then named") {
    if (no_mariadb()) return;
    MariaDbDatabase database;
    database.migrated();
    Gate gate;
    Child holder([&] {
        store::SessionOptions options;
        options.before_statement = [&](std::string_view sql) {
            if (sql != "BEGIN") return;
            gate.arrive();
            gate.wait();
        };
        auto store = store::open(database.url(), null_log(), options);
        store->record_intent(1, an_intent());
    });
    gate.wait_for(1);
    store::SessionOptions options;
    options.lock_seconds = 1;
    auto store = store::open(database.url(), null_log(), options);
    CHECK_CONTAINS(failure_of(database.url(), [&] { store->record_intent(1, an_intent()); }),
                   "locked by somebody else");
    gate.open();
    CHECK(holder.wait() == 0);
    CHECK(store->record_intent(1, an_intent()).notices.empty());
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("sqlite");

TEST_CASE("a locked SQLite file is waited for and then named") {
    SqliteDatabase database;
    database.migrated();
    Gate gate;
    Child holder([&] {
        store::SessionOptions options;
        options.before_statement = [&](std::string_view sql) {
            if (sql != "COMMIT") return;
            gate.arrive();
            gate.wait();
        };
        store::open(database.url(), null_log(), options)->begin_run(a_run("other"));
    });
    gate.wait_for(1);
    store::SessionOptions options;
    options.lock_seconds = 1;
    auto store = store::open(database.url(), null_log(), options);
    CHECK(store->deployments({}).empty()); // readers do not wait
    CHECK_CONTAINS(failure_of(database.url(), [&] { store->begin_run(a_run()); }), "locked by somebody else");
    gate.open();
    CHECK(holder.wait() == 0);
    CHECK(store->begin_run(a_run()) == 2);
}

TEST_CASE("a damaged SQLite file and one that is none are named") {
    const TemporaryDirectory directory;
    DatabaseUrl url;
    url.path = directory.path() / "afcl.db";
    write_file(url.path,
               "this is not a database at all, but it is long enough to have a header of 100 bytes ......."
               "..............................................");
    CHECK_CONTAINS(open_failure(url), "damaged or no SQLite database");
    SqliteDatabase database;
    database.migrated();
    const auto size = std::filesystem::file_size(database.url().path);
    std::fstream file(database.url().path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(size - 100, '\x5a');
    file.close();
    CHECK_CONTAINS(open_failure(database.url()), "damaged or no SQLite database");
    url.path = directory.path() / "folder";
    std::filesystem::create_directory(url.path);
    CHECK_CONTAINS(open_failure(url), "cannot be opened");
    url.path = directory.path() / "afcl.db" / "below-a-file" / "afcl.db";
    CHECK_CONTAINS(failure_of(url, [&] { open_store(url, null_log()); }), "cannot create the folder");
}

TEST_CASE("an SQLite file that may not be written is named") {
    SqliteDatabase database;
    database.migrated();
    const auto path = database.url().path;
    const auto child = [&] {
        if (::getuid() == 0 && ::setuid(65534) != 0) throw std::runtime_error("setuid");
        const std::string text = failure_of(database.url(), [&] { database.open()->begin_run(a_run()); });
        const bool named = text.find("cannot be written") != std::string::npos ||
                           text.find("cannot be opened") != std::string::npos;
        if (!named) throw std::runtime_error(text);
    };
    ::chmod(path.parent_path().parent_path().c_str(), 0755);
    ::chmod(path.parent_path().c_str(), 0555);
    ::chmod(path.c_str(), 0444);
    CHECK(Child(child).wait() == 0);
    ::chmod(path.c_str(), 0000);
    CHECK(Child(child).wait() == 0);
    ::chmod(path.parent_path().c_str(), 0755);
}

TEST_CASE("a full disk under SQLite is named and what was stored stays") {
    const TemporaryDirectory directory;
    const auto child = [&] {
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=600k") != 0)
            ::_exit(77);
        DatabaseUrl url;
        url.path = directory.path() / "afcl.db";
        auto store = open_store(url, null_log());
        store->migrate();
        RunRecord run = a_run();
        store->begin_run(run);
        const std::string text = failure_of(url, [&] {
            TestRecord test;
            test.identity = an_identity();
            for (int i = 0;; ++i) {
                test.repetition = i;
                test.input = json::string(std::string(20'000, 'x'));
                store->record_test(1, test);
            }
        });
        if (text.find("the disk of the database is full") == std::string::npos)
            throw std::runtime_error(text);
        if (store->begin_run(run) != 1) throw std::runtime_error("the run is gone");
    };
    const int status = Child(child).wait();
    if (status == 77)
        MESSAGE("no mount of a small disk here");
    else
        CHECK(status == 0);
}

TEST_SUITE_END();
