// SPDX-License-Identifier: Apache-2.0
// The verbs beside deploy.
#include "plugins/google/world.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using google_test::Names;
using google_test::World;

TEST_CASE("find: ours and only ours") {
    World world;
    CHECK_FALSE(world.find());
    const Deployment made = world.deploy();
    const auto found = world.find();
    REQUIRE(found);
    CHECK(found->link == made.link);
    CHECK(found->memory_mb == 256);
    CHECK(found->mark.fd == world.target.identity.str());
    CHECK(found->mark.project == "gate");
    CHECK(found->mark.content_hash == world.mark.content_hash);
    CHECK(found->probe_key.expose() == made.probe_key.expose());
    world.target.identity.slot = "512";
    CHECK_FALSE(world.find());
}

TEST_CASE("configure: memory and timeout are changed and read back") {
    World world;
    const Deployment made = world.deploy();
    world.writes();
    StageContext context = world.host.context();
    const auto configure = [&](std::optional<int> memory, std::optional<int> timeout) {
        const ConfigureRequest request{made, memory, timeout, world.settings};
        return world.host.run(world.provider.deployer().configure(request, context));
    };
    const Deployment larger = configure(1024, std::nullopt);
    CHECK(larger.memory_mb == 1024);
    CHECK(larger.action == DeployAction::updated);
    CHECK(larger.link == made.link);
    CHECK(world.writes() == Names{"cloudfunctions:UpdateFunction"});
    CHECK(google_test::query(world.last("cloudfunctions:UpdateFunction"), "updateMask") ==
          "serviceConfig.availableMemory,serviceConfig.availableCpu,serviceConfig.environmentVariables");
    // The wrapper tells handlers how much they have; nothing else of the environment is lost.
    const auto& variables =
        world.functions.at("gate-thumbnail").resource.at("serviceConfig").at("environmentVariables");
    CHECK(string_or(variables, "PYFOPS_MEMORY_MB") == "1024");
    CHECK(string_or(variables, "MODE") == "fast");
    CHECK(configure(1024, 30).action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
    CHECK(configure(std::nullopt, 60).timeout_seconds == 60);

    SUBCASE("a size that Google refuses") {
        world.host.http.once("PATCH *", google_test::error(429, "RESOURCE_EXHAUSTED",
                                                           "Quota exceeded for total allowable memory"));
        try {
            configure(32768, std::nullopt);
            FAIL("it was accepted");
        } catch (const Error& failure) {
            CHECK(failure.kind() == ErrorKind::limit_exceeded);
        }
    }
    SUBCASE("a function that is gone") {
        world.functions.clear();
        CHECK_THROWS_AS(configure(512, std::nullopt), Error);
    }
}

TEST_CASE("list: every page and no stranger") {
    World world;
    for (const std::string name : {"a", "b", "c", "d", "e"}) {
        world.target.identity.function = name;
        world.target.cloud_name = "gate-" + name;
        world.set_package(name);
        world.deploy();
    }
    const auto env = [&world](const std::string& name) -> json::object& {
        return world.functions.at(name)
            .resource["serviceConfig"]
            .as_object()["environmentVariables"]
            .as_object();
    };
    env("gate-b")["PYFOPS_FD"] = "gate/other/google/europe-west1/real/auto"; // does not fit the label
    env("gate-c")["PYFOPS_FD"] = "../nonsense";
    world.functions.at("gate-d").resource["labels"].as_object().clear();
    StageContext context = world.host.context();
    const auto list = [&](const std::string& project, Realm realm) {
        const ListRequest request{project, "europe-west1", realm, world.settings};
        Names names;
        for (const Deployment& one : world.host.run(world.provider.deployer().list(request, context)))
            names.push_back(one.cloud_name);
        return names;
    };
    CHECK(list("gate", Realm::real) == Names{"gate-a", "gate-e"});
    CHECK(list("gate", Realm::local) == Names{});
    CHECK(list("gat", Realm::real) == Names{});
    CHECK(google_test::query(world.last("cloudfunctions:ListFunctions"), "filter") ==
          "environment=\"GEN_2\"");
}

TEST_CASE("remove: waits until it is gone and finds nothing the second time") {
    World world;
    world.deploy();
    world.slow = 3;
    world.writes();
    world.remove();
    CHECK(world.functions.empty());
    CHECK(world.writes() == Names{"cloudfunctions:DeleteFunction"});
    world.remove();
    CHECK(world.writes() == Names{});
}

TEST_CASE("remove: also what is busy and what failed") {
    World world;
    world.deploy();
    SUBCASE("an update under way is waited for") {
        world.functions.at("gate-thumbnail").busy = 2;
    }
    SUBCASE("a refusal is repeated") {
        world.host.http.once("DELETE *", google_test::error(409, "ABORTED", "in progress"));
    }
    SUBCASE("a creation that failed") {
        world.functions.at("gate-thumbnail").state = "FAILED";
    }
    SUBCASE("gone in between") {
        world.host.http.once("DELETE *", [&world](const HttpRequest&) {
            world.functions.clear();
            return google_test::error(404, "NOT_FOUND", "gone");
        });
    }
    world.remove();
    CHECK(world.functions.empty());
}

TEST_CASE("remove_shared: there is nothing that is shared") {
    World world;
    StageContext context = world.host.context();
    const ListRequest all{"gate", "europe-west1", Realm::real, world.settings};
    world.host.run(world.provider.deployer().remove_shared(all, context));
    CHECK(world.operations() == Names{});
}

TEST_CASE("logs: pages of the newest in the order of their time") {
    World world;
    const Deployment made = world.deploy();
    world.host.http.on("POST https://logging.googleapis.com/v2/entries:list", [](const HttpRequest& request) {
        const json::value sent = google_test::body(request);
        if (string_or(sent, "orderBy") != "timestamp desc")
            return google_test::error(400, "INVALID_ARGUMENT", "order");
        if (string_or(sent, "pageToken").empty())
            return testing::reply(
                200, R"({"entries":[{"timestamp":"2026-11-23T00:00:03.25Z","textPayload":"third\n"},)"
                     R"({"timestamp":"2026-11-23T00:00:02Z","jsonPayload":{"message":"second"}}],)"
                     R"("nextPageToken":"t"})");
        return testing::reply(200,
                              R"({"entries":[{"timestamp":"2026-11-23T00:00:01Z","jsonPayload":{"a":1}}]})");
    });
    StageContext context = world.host.context();
    const LogsRequest request{made, from_iso8601("2026-11-22T00:00:00Z"), 10, world.settings};
    const auto lines = world.host.run(world.provider.deployer().logs(request, context));
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == R"({"a":1})");
    CHECK(lines[1].text == "second");
    CHECK(lines[2].text == "third");
    CHECK(lines[2].time - lines[1].time == Milliseconds(1250));
    const std::string filter = string_or(google_test::body(world.last("logging:ListLogEntries")), "filter");
    CHECK(filter.find("timestamp>=\"2026-11-22T00:00:00Z\"") != std::string::npos);
}

TEST_CASE("realm: settings for the real cloud are left out locally") {
    World world;
    world.host.system.environment["GOOGLE_CLOUD_PROJECT"] = "proj-1";
    world.settings = {{"project", "another"}, {"service_account", "a@another.iam.gserviceaccount.com"}};
    world.target.identity.realm = Realm::local;
    world.set_package("x");
    world.deploy();
    const json::value sent = google_test::body(world.last("cloudfunctions:CreateFunction"));
    CHECK_FALSE(find(sent.at("serviceConfig"), "serviceAccountEmail"));
    CHECK(world.last("cloudfunctions:CreateFunction").url.target.starts_with("/v2/projects/proj-1/"));
}
