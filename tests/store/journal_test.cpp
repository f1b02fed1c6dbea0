// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"
#include "database.hpp"
#include "records.hpp"

#include "store/open.hpp"

#include "pyfops/error.hpp"
#include "pyfops/journal.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

std::size_t size_of(const std::filesystem::path& file) {
    return std::filesystem::file_size(file);
}

/// A store that is down.
class BrokenStore final : public Store {
  public:
    const DatabaseUrl& url() const override { return url_; }
    SchemaReport migrate() override { fail(); }
    SchemaReport check() override { fail(); }
    RunId begin_run(const RunRecord&) override { fail(); }
    void finish_run(RunId, SystemTime, bool, const std::string&) override { fail(); }
    RecordedIntent record_intent(RunId, const IntentRecord&) override { fail(); }
    void record_outcome(RunId, const OutcomeRecord&) override { fail(); }
    void record_stage(RunId, const StageRecord&) override { fail(); }
    void record_test(RunId, const TestRecord&) override { fail(); }
    void record_probe(RunId, const ProbeRecord&) override { fail(); }
    void record_destroyed(RunId, const FdIdentity&, SystemTime) override { fail(); }
    std::vector<DemandRow> demand(const DemandFilter&) override { fail(); }
    std::vector<DeploymentRecord> deployments(const DeploymentFilter&) override { fail(); }
    std::vector<ProbeRecord> probes(const DeploymentFilter&) override { fail(); }
    std::vector<RecordedRun> runs(const DeploymentFilter&) override { fail(); }
    AfclReport afcl_report(const DeploymentFilter&) override { fail(); }

  private:
    [[noreturn]] static void fail() { throw Error(ErrorKind::storage, "down"); }
    DatabaseUrl url_;
};

} // namespace

TEST_SUITE_BEGIN("journal");

TEST_CASE("what the database missed is replayed whole") {
    SqliteDatabase straight, later;
    const TemporaryDirectory directory;
    IntentRecord intent = an_intent();
    intent.environment = {{"A", "ü'\\\n"}};
    intent.description = "says \"hi\"";
    OutcomeRecord outcome = an_outcome();
    outcome.minimum_memory_mb = 192;
    {
        auto store = straight.migrated();
        const RunId run = store->begin_run(a_run());
        store->record_intent(run, intent);
        store->record_outcome(run, outcome);
        store->record_destroyed(run, intent.identity, from_iso8601("2026-11-23T07:00:00Z"));
    }
    Journal journal(directory.path() / "state" / "journal");
    journal.append(a_run(), intent);
    journal.append(a_run(), outcome);
    journal.append_destroyed(a_run(), intent.identity, from_iso8601("2026-11-23T07:00:00Z"));
    BrokenStore broken;
    CHECK_THROWS_AS(journal.replay(broken), Error);
    auto store = later.migrated();
    CHECK(journal.replay(*store) == 3);
    CHECK(size_of(directory.path() / "state" / "journal") == 0);
    CHECK(journal.replay(*store) == 0);
    for (const char* query :
         {"SELECT * FROM functiondeployment", "SELECT * FROM functionimplementation",
          "SELECT * FROM functiontype", "SELECT * FROM region",
          "SELECT * FROM functiondeployment_environmentvariables", "SELECT * FROM pyfops_run",
          "SELECT * FROM pyfops_deployment", "SELECT * FROM pyfops_link", "SELECT * FROM pyfops_fi",
          "SELECT fd_id, state, cloud_name, content_hash, first_input, package_bytes, deployment_ms, updated "
          "FROM "
          "pyfops_fd"})
        CHECK(straight.ask(query) == later.ask(query));
}

TEST_CASE("what is settled is not replayed and an empty journal has no bytes") {
    SqliteDatabase database;
    auto store = database.migrated();
    const TemporaryDirectory directory;
    const auto file = directory.path() / "journal";
    Journal journal(file);
    const std::string first = journal.append(a_run(), an_intent());
    const std::string second = journal.append(a_run(), an_outcome());
    journal.settle(first);
    CHECK(size_of(file) > 0);
    journal.settle(second);
    CHECK(size_of(file) == 0);
    CHECK(journal.replay(*store) == 0);
    CHECK(store->deployments({}).empty());
}

TEST_CASE("the last word of the journal wins over what was missed before it") {
    SqliteDatabase database;
    auto store = database.migrated();
    const TemporaryDirectory directory;
    Journal journal(directory.path() / "journal");
    const RunId run = store->begin_run(a_run());
    const std::string intent = journal.append(a_run(), an_intent());
    store->record_intent(run, an_intent());
    journal.settle(intent);
    journal.append(a_run(), an_outcome()); // the database was away
    const auto at = from_iso8601("2026-11-23T07:00:00Z");
    const std::string destroyed = journal.append_destroyed(a_run(), an_identity(), at);
    store->record_destroyed(run, an_identity(), at);
    journal.settle(destroyed);
    CHECK(journal.replay(*store) == 1);
    DeploymentFilter all;
    all.with_destroyed = true;
    CHECK(store->deployments(all).at(0).state == "destroyed");
    CHECK(store->deployments(all).at(0).link == an_outcome().link);
}

TEST_CASE("a link that came with a project leads the journal to no other file") {
    const TemporaryDirectory directory;
    const std::filesystem::path precious = directory.path() / "precious";
    write_file(precious, "one line\n");
    std::filesystem::create_symlink(precious, directory.path() / "journal");
    CHECK_THROWS_WITH_AS(Journal(directory.path() / "journal"), doctest::Contains("is a link"), Error);
    SqliteDatabase database;
    auto store = database.migrated();
    std::filesystem::create_symlink(precious, directory.path() / "other.damaged");
    write_file(directory.path() / "other", "not an entry\n");
    CHECK_THROWS_AS(Journal(directory.path() / "other").replay(*store), Error);
    CHECK(read_file(precious) == "one line\n");
}

TEST_CASE("a torn last line is ignored and a damaged one is set aside") {
    SqliteDatabase database;
    auto store = database.migrated();
    const TemporaryDirectory directory;
    const auto file = directory.path() / "journal";
    std::string whole;
    {
        Journal journal(file);
        journal.append(a_run(), an_intent());
        whole = read_file(file);
    }
    for (const std::size_t torn : {std::size_t(1), std::size_t(17), whole.size() - 1}) {
        std::ofstream(file, std::ios::trunc) << whole << whole.substr(0, torn);
        Journal journal(file);
        const std::string id = journal.append(a_run(), an_outcome());
        std::vector<std::string> problems;
        CHECK(journal.replay(*store, &problems) == 2);
        CHECK(problems == std::vector<std::string>{});
        CHECK(store->deployments({}).size() == 1);
    }
    std::string damaged = whole;
    damaged[40] ^= 1;
    std::ofstream(file, std::ios::trunc) << damaged << whole;
    Journal journal(file);
    std::vector<std::string> problems;
    CHECK(journal.replay(*store, &problems) == 1);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("damaged line") != std::string::npos);
    CHECK(size_of(file) == 0);
    CHECK(read_file(file.string() + ".damaged") == damaged);
}

TEST_CASE("what the store refuses for good does not stand in the way") {
    SqliteDatabase database;
    auto store = database.migrated();
    const TemporaryDirectory directory;
    Journal journal(directory.path() / "journal");
    const FdIdentity other = an_identity("resize");
    OutcomeRecord thief = an_outcome(other);
    thief.link = an_outcome().link;
    journal.append(a_run(), an_intent());
    journal.append(a_run(), an_outcome());
    journal.append(a_run(), an_intent(other));
    journal.append(a_run(), thief);
    std::vector<std::string> problems;
    CHECK(journal.replay(*store, &problems) == 4);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("is already that of") != std::string::npos);
    CHECK(journal.replay(*store) == 0);
}

TEST_CASE("eight processes append at once and what a living one wrote is left to it") {
    SqliteDatabase database;
    auto store = database.migrated();
    const TemporaryDirectory directory;
    const auto file = directory.path() / "journal";
    Gate hold;
    std::vector<Child> children;
    for (int i = 0; i < 8; ++i)
        children.emplace_back([&, i] {
            Journal journal(file);
            for (int n = 0; n < 20; ++n)
                journal.append(a_run(),
                               an_intent(an_identity("f" + std::to_string(i) + "x" + std::to_string(n))));
            hold.arrive();
            hold.wait();
        });
    hold.wait_for(8);
    Journal journal(file);
    CHECK(journal.replay(*store) == 0);
    hold.open();
    for (Child& child : children)
        CHECK(child.wait() == 0);
    CHECK(journal.replay(*store) == 160);
    CHECK(store->deployments({}).size() == 160);
}

TEST_CASE("killed between any two steps the record converges") {
    const auto at = from_iso8601("2026-11-23T07:00:00Z");
    int kills = 0;
    SqliteDatabase made;
    made.migrated();
    for (int k = 1;; ++k) {
        SqliteDatabase database;
        std::filesystem::create_directories(database.url().path.parent_path());
        std::filesystem::copy_file(made.url().path, database.url().path);
        const TemporaryDirectory directory;
        const auto file = directory.path() / "journal";
        const auto work = [&](int fatal) {
            Countdown countdown(fatal);
            auto store =
                store::open(database.url(), null_log(), {[&](std::string_view) { countdown.step(); }});
            Journal journal(file);
            journal.replay(*store);
            const RunId run = store->begin_run(a_run());
            const auto one = [&](const std::string& id, const auto& write) {
                countdown.step();
                write();
                countdown.step();
                journal.settle(id);
                countdown.step();
            };
            one(journal.append(a_run(), an_intent()), [&] { store->record_intent(run, an_intent()); });
            one(journal.append(a_run(), an_outcome()), [&] { store->record_outcome(run, an_outcome()); });
            one(journal.append_destroyed(a_run(), an_identity(), at),
                [&] { store->record_destroyed(run, an_identity(), at); });
        };
        const bool finished = Child([&] { work(k); }).wait() == 0;
        // The next start: replay alone must leave nothing pending and no contradiction, then everything
        // again.
        {
            auto store = database.open();
            Journal journal(file);
            journal.replay(*store);
            CHECK(size_of(file) == 0);
            CHECK(store->check().findings == std::vector<std::string>{});
        }
        REQUIRE(Child([&] { work(0); }).wait() == 0);
        CHECK(database.ask("SELECT COUNT(*), MAX(state) FROM pyfops_fd") == "1|destroyed\n");
        CHECK(database.ask("SELECT name, isDeployed + 0, avgDeploymentTime FROM functiondeployment") ==
              "thumbnailAWSPython-eu-central-1|0|1000.0\n");
        CHECK(database.ask("SELECT COUNT(*) FROM pyfops_deployment") == "1\n");
        CHECK(database.ask("SELECT COUNT(*) FROM pyfops_run") == "1\n");
        if (finished) break;
        ++kills;
    }
    CHECK(kills > 40);
}

TEST_SUITE_END();
