// SPDX-License-Identifier: Apache-2.0
#include "plugins/ibm/names.hpp"
#include "plugins/ibm/world.hpp"

#include "marks.hpp"
#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using ibm_test::Names;
using ibm_test::refuse;
using ibm_test::World;
using testing::reply;

namespace {

constexpr const char* name = "gate-thumbnail";

} // namespace

TEST_CASE("deploy: the first one makes project and secret and function and waits for each") {
    World world;
    world.slow = 3;
    world.slow_project = 2;
    world.secret_values["TOKEN"] = Secret("hush-hush");
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(made.link == "https://gate-thumbnail.sub.eu-de.codeengine.appdomain.cloud");
    CHECK(made.memory_mb == 2048);
    CHECK(made.timeout_seconds == 30);
    CHECK_FALSE(made.probe_key.empty());
    CHECK(world.writes() ==
          Names{"codeengine:CreateProject", "codeengine:CreateSecret", "codeengine:CreateFunction"});
    CHECK(world.tokens == 1);
    const auto& stored = world.functions.at(name);
    CHECK(stored.busy == 0);
    CHECK(string_or(stored.body, "code_reference") == "data:text/plain;base64," + base64("first"));
    CHECK(string_or(stored.body, "scale_cpu_limit") == "0.5");
    CHECK(string_or(stored.body, "scale_memory_limit") == "2G");
    CHECK(string_or(stored.body, "managed_domain_mappings") == "local_public");
    CHECK(world.variable("MODE") == "fast");
    CHECK(world.variable("TOKEN") == "gate-thumbnail-secret/TOKEN");
    CHECK(world.variable("PYFOPS_PROBE_KEY") == "gate-thumbnail-secret/PYFOPS_PROBE_KEY");
    CHECK(world.variable("PYFOPS_FD") == "gate/thumbnail/ibm/eu-de/real/auto");
    CHECK(world.variable("PYFOPS_CONTENT_HASH") == world.mark.content_hash);
    CHECK(world.variable("PYFOPS_MEMORY_MB") == "2048");
    const json::object data = world.secrets.at("gate-thumbnail-secret").body.at("data").as_object();
    CHECK(string_or(data, "TOKEN") == "hush-hush");
    CHECK(string_or(data, "PYFOPS_PROBE_KEY") == made.probe_key.expose());
    CHECK(json::serialize(stored.body).find("hush") == std::string::npos);
    REQUIRE(world.projects.size() == 1);
    CHECK(world.projects.begin()->first == ibm::project_name("acc", "eu-de", "gate"));
    CHECK(made.times.total >= made.times.activation);
}

TEST_CASE("deploy: again without a change writes nothing") {
    World world;
    world.deploy();
    world.operations();
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"codeengine:GetFunction", "codeengine:GetSecret"});
}

TEST_CASE("deploy: offline is a function that sleeps and is good") {
    World world;
    world.settled = world.settled_reason = "offline";
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: a change is one merge patch of what differs and of the mark") {
    World world;
    world.deploy();
    world.writes();
    world.set_package("second");
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.writes() == Names{"codeengine:UpdateFunction"});
    const auto patches = world.host.http.requests("PATCH *");
    REQUIRE(patches.size() == 1);
    CHECK(patches[0].headers.get("Content-Type") == "application/merge-patch+json");
    CHECK(patches[0].headers.get("If-Match") == "1");
    const json::object sent = ibm_test::body(patches[0]);
    CHECK(sent.contains("code_reference"));
    CHECK(sent.contains("run_env_variables"));
    CHECK_FALSE(sent.contains("runtime"));
    CHECK_FALSE(sent.contains("scale_memory_limit"));
    CHECK(world.variable("PYFOPS_CONTENT_HASH") == world.mark.content_hash);
}

TEST_CASE("deploy: processor and memory change together") {
    World world;
    world.deploy();
    world.target.memory_mb = 4096;
    world.mark.content_hash = "other";
    world.deploy();
    const json::object sent = ibm_test::body(world.host.http.requests("PATCH *").back());
    CHECK(string_or(sent, "scale_cpu_limit") == "1");
    CHECK(string_or(sent, "scale_memory_limit") == "4G");
    CHECK_FALSE(sent.contains("code_reference"));
}

TEST_CASE("deploy: somebody changed the function meanwhile") {
    World world;
    world.deploy();
    world.set_package("second");
    SUBCASE("it is read again and the change is made on top") {
        world.host.http.once("PATCH *", [&](const HttpRequest&) {
            ++world.functions.at(name).tag;
            return refuse(412, "precondition_failed", "changed");
        });
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.host.http.requests("PATCH *").back().headers.get("If-Match") == "2");
    }
    SUBCASE("for ever: it gives up with a conflict") {
        world.host.http.on("PATCH *", [&](const HttpRequest&) {
            ++world.functions.at(name).tag;
            return refuse(412, "precondition_failed", "changed");
        });
        const Error failure = world.deploy_error();
        CHECK(failure.kind() == ErrorKind::conflict);
        CHECK(world.host.http.requests("PATCH *").size() == 5);
    }
}

TEST_CASE("deploy: what is not ours is not touched") {
    World world;
    world.deploy();
    world.writes();
    SUBCASE("a function without the mark") {
        world.functions.at(name).body["run_env_variables"] = json::array();
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
        CHECK_THROWS_AS(world.remove(), Error);
        CHECK_FALSE(world.find());
    }
    SUBCASE("a function of another deployment") {
        world.target.identity.slot = "2048";
        const Error failure = world.deploy_error();
        CHECK(failure.kind() == ErrorKind::conflict);
        CHECK(failure.message().find("gate/thumbnail/ibm/eu-de/real/auto") != std::string::npos);
    }
    SUBCASE("a secret of somebody else") {
        world.functions.clear();
        world.secrets.at("gate-thumbnail-secret").body["data"] = json::object{{"THEIRS", "x"}};
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
    }
    CHECK(world.writes() == Names{});
}

TEST_CASE("deploy: a failed status is told with its reason") {
    World world;
    SUBCASE("of a creation; the next one makes it anew") {
        world.settled = "failed";
        world.settled_reason = "no_code_bundle";
        const Error failure = world.deploy_error();
        CHECK(failure.message().find("no_code_bundle") != std::string::npos);
        world.settled = world.settled_reason = "ready";
        world.writes();
        CHECK(world.deploy().action == DeployAction::created);
        CHECK(world.writes() == Names{"codeengine:DeleteFunction", "codeengine:CreateFunction"});
    }
    SUBCASE("of an update; the next one says everything again") {
        world.deploy();
        world.set_package("second");
        world.settled_reason = "ready_last_update_failed";
        CHECK(world.deploy_error().message().find("ready_last_update_failed") != std::string::npos);
        world.settled_reason = "ready";
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(ibm_test::body(world.host.http.requests("PATCH *").back()).contains("runtime"));
    }
}

TEST_CASE("deploy: a function that is being deleted looks like any other and is made anew") {
    World world;
    world.deploy();
    world.writes();
    world.functions.at(name).dying = 2; // one read before the update, one after it
    world.set_package("second");
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(world.writes() == Names{"codeengine:UpdateFunction", "codeengine:CreateFunction"});
    CHECK(string_or(world.functions.at(name).body, "code_reference") ==
          "data:text/plain;base64," + base64("second"));
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: a runtime that the region has no more is told as that with those that it has") {
    World world;
    world.runtime = "python-3.14";
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::invalid_input);
    CHECK(failure.message().find("does not offer the runtime 'python-3.13'; it has python-3.14") !=
          std::string::npos);
    world.runtime = "python-3.13";
    CHECK(world.deploy().action == DeployAction::created);
}

TEST_CASE("deploy: a creation whose answer was lost is found") {
    World world;
    world.host.http.once("POST */functions", [&](const HttpRequest& request) -> HttpResponse {
        world.functions[name] = {ibm_test::body(request), 0, "ready", "ready", 1};
        throw Error(ErrorKind::unavailable, "connection lost");
    });
    const Deployment made = world.deploy();
    CHECK_FALSE(made.probe_key.empty());
    CHECK(world.functions.size() == 1);
}

TEST_CASE("deploy: a project that was made while the answer was lost is not made twice") {
    World world;
    world.slow_project = 0;
    world.host.http.once("POST */projects", [&](const HttpRequest& request) -> HttpResponse {
        world.projects[string_or(ibm_test::body(request), "name")] = "id-9";
        world.project_status["id-9"] = "active";
        throw Error(ErrorKind::unavailable, "connection lost");
    });
    world.deploy();
    CHECK(world.projects.size() == 1);
}

TEST_CASE("deploy: eight at once make one project") {
    World world;
    std::vector<Task<void>> tasks;
    std::vector<Target> targets(8, world.target);
    std::vector<OwnershipMark> marks(8, world.mark);
    StageContext context = world.host.context();
    const auto one = [&](std::size_t i) -> Task<void> {
        const DeployRequest request{world.function,      targets[i], world.package, world.environment,
                                    world.secret_values, marks[i],   world.settings};
        Task<Deployment> deploying = world.provider().deployer().deploy(request, context);
        co_await std::move(deploying);
    };
    for (std::size_t i = 0; i < 8; ++i) {
        targets[i].identity.function = targets[i].cloud_name = "f" + std::to_string(i);
        marks[i].fd = targets[i].identity.str();
        tasks.push_back(one(i));
    }
    world.host.run_all(std::move(tasks));
    CHECK(world.host.http.count("POST */projects") == 1);
    CHECK(world.functions.size() == 8);
    CHECK(world.tokens == 1);
}

TEST_CASE("deploy: a configured project is used and never deleted") {
    World world;
    world.settings["project"] = "theirs";
    CHECK(world.deploy_error().kind() == ErrorKind::not_found);
    CHECK(world.projects.empty());
    for (const char* other : {"a", "b", "theirs"}) { // on the second page
        world.projects[other] = std::string("id-") + other;
        world.project_status[std::string("id-") + other] = "active";
    }
    world.deploy();
    world.remove();
    world.remove_shared();
    CHECK(world.project_status.at("id-theirs") == "active");
}

TEST_CASE("remove: secret and function go and then the project that was made") {
    World world;
    world.deploy();
    world.writes();
    world.remove();
    CHECK(world.functions.empty());
    CHECK(world.secrets.empty());
    world.remove_shared();
    CHECK(world.writes() ==
          Names{"codeengine:DeleteSecret", "codeengine:DeleteFunction", "codeengine:DeleteProject"});
    world.remove();
    world.remove_shared();
    CHECK(world.writes() == Names{});
    SUBCASE("and another deployment makes another project") {
        world.slow_project = 1;
        CHECK(world.deploy().action == DeployAction::created);
    }
}

TEST_CASE("remove: a project with functions in it stays") {
    World world;
    world.deploy();
    world.remove_shared();
    CHECK(world.project_status.begin()->second == "active");
}

TEST_CASE("remove: a secret that a stopped creation left behind goes too") {
    World world;
    world.deploy();
    world.functions.clear();
    world.remove();
    CHECK(world.secrets.empty());
}

TEST_CASE("find and list: over all pages and with the probe key") {
    World world;
    const Deployment made = world.deploy();
    for (const char* other : {"a", "b", "c", "z"})
        world.functions[other].body = {{"run_env_variables", json::array()}};
    const auto found = world.find();
    REQUIRE(found);
    CHECK(found->probe_key.expose() == made.probe_key.expose());
    CHECK(found->mark.content_hash == world.mark.content_hash);
    const auto all = world.list();
    REQUIRE(all.size() == 1);
    CHECK(all[0].identity == world.target.identity);
    World empty;
    CHECK_FALSE(empty.find());
    CHECK(empty.list().empty());
    CHECK(empty.host.http.count("POST */projects") == 0);
}

TEST_CASE("configure: only the three pairs and only what differs") {
    World world;
    Deployment made = world.deploy();
    world.writes();
    StageContext context = world.host.context();
    const ConfigureRequest larger{made, 4096, std::nullopt, world.settings};
    const Deployment now = world.host.run(world.provider().deployer().configure(larger, context));
    CHECK(now.memory_mb == 4096);
    CHECK(now.probe_key.expose() == made.probe_key.expose());
    CHECK(world.variable("PYFOPS_MEMORY_MB") == "4096");
    CHECK(world.writes() == Names{"codeengine:UpdateFunction"});
    world.host.run(world.provider().deployer().configure({now, 4096, 30, world.settings}, context));
    CHECK(world.writes() == Names{});
    const ConfigureRequest odd{now, 512, std::nullopt, world.settings};
    world.operations();
    CHECK_THROWS_AS(world.host.run(world.provider().deployer().configure(odd, context)), Error);
    CHECK(world.operations() == Names{});
}

TEST_CASE("logs: it is said where they are") {
    World world;
    const Deployment made = world.deploy();
    StageContext context = world.host.context();
    try {
        world.host.run(world.provider().deployer().logs({made, {}, 10, world.settings}, context));
        FAIL("there is no API for them");
    } catch (const Error& failure) {
        CHECK(failure.hint().find("IBM Cloud Logs instance of eu-de") != std::string::npos);
    }
}
