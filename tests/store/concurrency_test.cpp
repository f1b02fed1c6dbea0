// SPDX-License-Identifier: Apache-2.0
// Several processes at once, and processes that die.
#include "child.hpp"
#include "database.hpp"
#include "killed_migration.hpp"
#include "on_both.hpp"
#include "records.hpp"

#include "pyfops/error.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace pyfops;
using namespace pyfops::testing;

namespace {

void check_eight_at_once(TestDatabase& database) {
    Gate gate;
    std::vector<Child> children;
    for (int i = 0; i < 8; ++i)
        children.emplace_back([&, i] {
            gate.arrive();
            gate.wait();
            auto store = database.migrated();
            const RunId run = store->begin_run(a_run(fmt::format("run-{}", i)));
            for (const char* shared : {"thumbnail", "resize"}) {
                store->record_intent(run, an_intent(an_identity(shared)));
                store->record_outcome(run, an_outcome(an_identity(shared)));
            }
            const FdIdentity own = an_identity(fmt::format("own{}", i));
            store->record_intent(run, an_intent(own));
            store->record_outcome(run, an_outcome(own));
        });
    gate.wait_for(8);
    gate.open();
    for (Child& child : children)
        CHECK(child.wait() == 0);
    const auto count = [&](const std::string& what) { return database.ask("SELECT COUNT(*) FROM " + what); };
    CHECK(count("pyfops_schema_version") == "4\n");
    CHECK(count("provider") == "5\n");
    CHECK(count("language") == "23\n");
    CHECK(count("region") == "1\n");
    CHECK(count("functiontype") == "10\n");
    CHECK(count("functionimplementation") == "10\n");
    CHECK(count("functiondeployment") == "10\n");
    CHECK(count("pyfops_fd") == "10\n");
    CHECK(count("pyfops_link") == "10\n");
    CHECK(count("pyfops_deployment") == "24\n");
    const SchemaReport report = database.open()->check();
    CHECK(report.differences == std::vector<std::string>{});
    CHECK(report.findings == std::vector<std::string>{});
}

void check_killed_at_each_statement(TestDatabase& database) {
    CHECK(migrate_with_kills(database) > 80);
    const SchemaReport report = database.open()->check();
    CHECK(report.version == report.latest);
    CHECK(report.differences == std::vector<std::string>{});
    CHECK(report.findings == std::vector<std::string>{});
    CHECK(database.ask("SELECT COUNT(*) FROM provider") == "5\n");
    CHECK(database.ask("SELECT COUNT(*) FROM language") == "23\n");
    auto store = database.open();
    const RunId run = store->begin_run(a_run());
    store->record_intent(run, an_intent());
    store->record_outcome(run, an_outcome());
    CHECK(store->deployments({}).at(0).deployed);
}

} // namespace

ON_BOTH("eight processes on an empty database make one row of each", check_eight_at_once)
ON_BOTH("a migration that is killed at each statement converges", check_killed_at_each_statement)
