// SPDX-License-Identifier: Apache-2.0
// The pipeline with a real SQLite database and a real journal.
#include "pipeline/world.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

using namespace pyfops;

namespace {

struct RecordedWorld : World {
    RecordedWorld() { open(); }
    void open() {
        store = open_store(DatabaseUrl::parse("sqlite:afcl.db", directory.path(), host.system), host.log);
        journal = std::make_unique<Journal>(directory.path() / "journal");
    }
    std::vector<DeploymentRecord> rows(bool with_destroyed = false) {
        return store->deployments({project.name, Realm::real, with_destroyed});
    }
};

/// What somebody else does to the database meanwhile, through Debian's Python.
void sql(const RecordedWorld& world, const std::string& statement) {
    const std::string file = (world.directory.path() / "afcl.db").string();
    const std::string program =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    const std::string command = "/usr/bin/python3 -c '" + program + "' '" + file + "' '" + statement + "'";
    REQUIRE(std::system(command.c_str()) == 0);
}

/// The database stops taking outcomes while the cloud is called.
Task<Deployment> deploy_and_break(RecordedWorld& world, const DeployRequest& request) {
    sql(world, "ALTER TABLE pyfops_link RENAME TO gone");
    co_return co_await world.provider->deploy_in_memory(request);
}

} // namespace

TEST_CASE("a run leaves one row for each deployment with link and memory and time") {
    RecordedWorld world;
    CHECK(world.run(world.request()).succeeded());
    const auto rows = world.rows();
    REQUIRE(rows.size() == 4);
    for (const DeploymentRecord& row : rows) {
        CHECK(row.deployed);
        CHECK(row.link == "fake:" + row.identity.region + "/" + row.cloud_name);
        CHECK(row.memory_mb == 256);
        CHECK_FALSE(row.minimum_memory_mb);
        CHECK(row.deployment_time == Milliseconds(30));
        CHECK(row.package_bytes > 0);
    }
    CHECK(world.run(world.request()).succeeded());
    CHECK(world.rows().size() == 4);
}

TEST_CASE("destroy keeps the rows and says that they are not deployed") {
    RecordedWorld world;
    world.run(world.request());
    Pipeline pipeline(world.host.host, world.plugins, world.store.get(), world.journal.get());
    world.host.run(pipeline.destroy(world.request()));
    CHECK(world.rows().empty());
    const auto rows = world.rows(true);
    REQUIRE(rows.size() == 4);
    CHECK_FALSE(rows[0].deployed);
    CHECK(world.run(world.request()).succeeded());
    CHECK(world.rows().size() == 4);
}

TEST_CASE("a failed deployment leaves its intent and the next run completes it") {
    RecordedWorld world;
    bool broken = true;
    world.provider->on_deploy = [&](const DeployRequest& request, StageContext&) {
        if (broken) throw Error(ErrorKind::unavailable, "the cloud is down");
        return world.provider->deploy_in_memory(request);
    };
    CHECK_FALSE(world.run(world.request()).succeeded());
    CHECK_FALSE(world.rows().at(0).deployed);
    broken = false;
    CHECK(world.run(world.request()).succeeded());
    REQUIRE(world.rows().size() == 4);
    for (const DeploymentRecord& row : world.rows())
        CHECK(row.deployed);
}

TEST_CASE("an outcome that the database did not take is replayed from the journal") {
    RecordedWorld world;
    world.project.functions.pop_back();
    world.project.deployments[0].regions = {"r1"};
    world.provider->on_deploy = [&](const DeployRequest& request, StageContext&) {
        return deploy_and_break(world, request);
    };
    const RunReport report = world.run(world.request());
    REQUIRE(report.units.size() == 1);
    REQUIRE(report.units[0].failure);
    CHECK(report.units[0].failure->kind() == ErrorKind::storage);
    CHECK(world.provider->cloud.size() == 1);
    CHECK_FALSE(world.rows().at(0).deployed);

    sql(world, "ALTER TABLE gone RENAME TO pyfops_link");
    world.store.reset();
    world.journal.reset();
    world.open();
    CHECK(world.journal->replay(*world.store) == 1);
    REQUIRE(world.rows().size() == 1);
    CHECK(world.rows()[0].deployed);
    CHECK(world.rows()[0].link == "fake:r1/shop-sell");
}

TEST_CASE("a database that is down at the start stops the run before any cloud call") {
    RecordedWorld world;
    world.store.reset();
    std::ofstream(world.directory.path() / "afcl.db")
        << "this is not a database at all, and long enough to be read";
    const auto url = DatabaseUrl::parse("sqlite:afcl.db", world.directory.path(), world.host.system);
    CHECK_THROWS_AS(
        [&] {
            world.store = open_store(url, world.host.log);
            world.run(world.request());
        }(),
        Error);
    CHECK(world.count("deploy") == 0);
}
