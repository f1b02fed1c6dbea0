// SPDX-License-Identifier: Apache-2.0
#include "plugins/alibaba/names.hpp"
#include "plugins/alibaba/world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops_alibaba/crc64.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using alibaba_test::Names;
using alibaba_test::World;

TEST_CASE("deploy: the first one makes the function and its trigger and waits until it is active") {
    World world;
    world.slow_create = 3;
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(made.link == "https://abc.eu-central-1.fcapp.run");
    CHECK(made.url == made.link);
    CHECK(made.memory_mb == 256);
    CHECK_FALSE(made.probe_key.empty());
    CHECK(world.writes() == Names{"fc:CreateFunction", "fc:CreateTrigger"});
    const auto& stored = world.functions.at("gate-thumbnail");
    CHECK(stored.pending == 0);
    CHECK(stored.tags.at("pyfops:fd") == "gate/thumbnail/alibaba/eu-central-1/real/auto");
    CHECK(stored.tags.at("pyfops:project") == "gate");
    CHECK(stored.tags.at("pyfops:content-hash") == world.mark.content_hash);
    const json::value& variables = stored.configuration.at("environmentVariables");
    CHECK(string_or(variables, "MODE") == "fast");
    CHECK(string_or(variables, "PYFOPS_URL") == "1");
    CHECK(string_or(variables, "PYFOPS_PROBE_KEY") == made.probe_key.expose());
    CHECK(string_or(stored.configuration, "handler") == "_pyfops_alibaba.handler");
    CHECK(stored.configuration.at("cpu").to_number<double>() ==
          doctest::Approx(0.15)); // 256 MB, to 2 GB a vCPU
    CHECK_FALSE(stored.configuration.contains("role"));
    CHECK_FALSE(stored.configuration.contains("logConfig"));
    const auto sent = world.host.http.requests("POST */functions");
    CHECK(string_or(*find(alibaba_test::body(sent[0]), "code"), "checksum") ==
          alibaba::checksum(world.package.archive.view()));
    const json::value trigger =
        parse_json(string_or(stored.triggers.at("pyfops-http"), "triggerConfig"), "the trigger");
    CHECK(string_or(trigger, "authType") == "anonymous");
    CHECK(json::serialize(*find(trigger, "methods")) == R"(["GET","POST"])");
}

TEST_CASE("deploy: again without a change writes nothing") {
    World world;
    world.deploy();
    world.operations();
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"fc:GetFunction", "fc:GetTrigger"});
    world.tags_in_answers = false; // where GetFunction has no tags they are asked for
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"fc:GetFunction", "fc:ListTagResources", "fc:GetTrigger"});
}

TEST_CASE("deploy: equal content packed elsewhere is unchanged although its bytes differ") {
    World world;
    world.deploy();
    world.writes();
    const OwnershipMark mark = world.mark;
    world.set_package("other zlib");
    world.mark = mark;
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
    SUBCASE("unless somebody replaced the code in the console") {
        world.functions.at("gate-thumbnail").configuration["codeChecksum"] = "1";
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"fc:UpdateFunction", "fc:TagResources"});
    }
}

TEST_CASE("deploy: one changed byte of code is one update and the mark") {
    World world;
    world.deploy();
    world.writes();
    world.set_package("second");
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.writes() == Names{"fc:UpdateFunction", "fc:TagResources"});
    CHECK(world.functions.at("gate-thumbnail").tags.at("pyfops:content-hash") == world.mark.content_hash);
    const auto sent = world.host.http.requests("PUT */functions/gate-thumbnail");
    CHECK(alibaba_test::body(sent.back()).as_object().size() == 1); // the code alone
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: a changed configuration leaves the code alone and keeps the probe key") {
    World world;
    const Deployment first = world.deploy();
    world.writes();
    std::size_t members = 1;
    SUBCASE("memory goes with its vCPUs") {
        world.target.memory_mb = 512;
        members = 2;
    }
    SUBCASE("vCPUs go with the memory") {
        world.settings["cpu"] = "1:1";
        members = 2;
    }
    SUBCASE("timeout") {
        world.target.timeout_seconds = 60;
    }
    SUBCASE("environment") {
        world.environment["MODE"] = "slow";
    }
    SUBCASE("secret") {
        world.secrets.emplace("TOKEN", Secret("secret-token-value"));
    }
    SUBCASE("runtime") {
        world.target.runtime = "python3.12";
    }
    SUBCASE("role") {
        world.settings["role"] = "acs:ram::1234567890123456:role/fc";
    }
    SUBCASE("disk") {
        world.settings["disk"] = 10240;
    }
    SUBCASE("logs") {
        world.settings["log_project"] = "mine";
        world.settings["log_store"] = "fc";
    }
    const Deployment second = world.deploy();
    CHECK(second.action == DeployAction::updated);
    CHECK(world.writes() == Names{"fc:UpdateFunction"});
    CHECK(second.probe_key.expose() == first.probe_key.expose());
    CHECK(second.link == first.link);
    const auto sent = world.host.http.requests("PUT */functions/gate-thumbnail");
    CHECK(alibaba_test::body(sent.back()).as_object().size() == members);
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: code and configuration are one update and the mark comes after it is in force") {
    World world;
    world.deploy();
    world.writes();
    world.slow_update = 4;
    world.set_package("second");
    world.target.memory_mb = 1024;
    world.deploy();
    CHECK(world.writes() == Names{"fc:UpdateFunction", "fc:TagResources"});
    CHECK(world.functions.at("gate-thumbnail").in_progress == 0);
}

TEST_CASE("deploy: a function that somebody else is updating is waited for") {
    World world;
    world.deploy();
    world.writes();
    world.set_package("second");
    // Busy only after it was looked at: the update runs into it.
    world.host.http.once("PUT */functions/gate-thumbnail",
                         alibaba_test::error(412, "ConcurrentUpdateError", "try again later"));
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.writes() == Names{"fc:UpdateFunction", "fc:UpdateFunction", "fc:TagResources"});
}

TEST_CASE("deploy: an interrupted run is completed by the next") {
    World world;
    world.deploy();
    SUBCASE("the trigger is missing") {
        world.functions.at("gate-thumbnail").triggers.clear();
        world.writes();
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"fc:CreateTrigger"});
    }
    SUBCASE("the mark is that of the version before") {
        world.functions.at("gate-thumbnail").tags["pyfops:content-hash"] = "before";
        world.writes();
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"fc:TagResources"});
    }
}

TEST_CASE("deploy: a creation that others finish meanwhile is taken over when it is this deployment's") {
    World world;
    world.deploy();
    world.writes();
    world.host.http.once("GET */functions/gate-thumbnail",
                         alibaba_test::error(404, "FunctionNotFound", "not yet"));
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.writes() == Names{"fc:CreateFunction"}); // refused: it is there
    CHECK(world.functions.size() == 1);
}

TEST_CASE("deploy: a function without our mark or of another deployment is never touched") {
    World world;
    world.deploy();
    SUBCASE("without") {
        world.functions.at("gate-thumbnail").tags = {{"team", "x"}};
    }
    SUBCASE("another") {
        world.functions.at("gate-thumbnail").tags["pyfops:fd"] = "gate/other/alibaba/eu-central-1/real/auto";
    }
    world.writes();
    CHECK(world.deploy_error().kind() == ErrorKind::conflict);
    CHECK_THROWS_AS(world.remove(), Error);
    CHECK_FALSE(world.find());
    CHECK(world.writes() == Names{});
    CHECK(world.functions.size() == 1);
}

TEST_CASE("deploy: a function whose creation failed is made anew") {
    World world;
    world.deploy();
    world.writes();
    json::object failed = world.functions.at("gate-thumbnail").configuration;
    failed["functionName"] = "gate-thumbnail";
    failed["functionArn"] = "acs:fc:eu-central-1:1234567890123456:functions/gate-thumbnail";
    failed["state"] = "Failed";
    failed["tags"] = json::array{json::object{{"Key", "pyfops:project"}, {"Value", "gate"}},
                                 json::object{{"Key", "pyfops:fd"}, {"Value", world.target.identity.str()}}};
    world.host.http.once("GET */functions/gate-thumbnail", testing::reply(200, json::serialize(failed)));
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.writes() ==
          Names{"fc:DeleteTrigger", "fc:DeleteFunction", "fc:CreateFunction", "fc:CreateTrigger"});
}

TEST_CASE("deploy: a failed update is told with Function Compute's reason") {
    World world;
    world.deploy();
    world.set_package("second");
    world.host.http.on("GET */functions/gate-thumbnail", [&world](const HttpRequest&) {
        const auto& stored = world.functions.at("gate-thumbnail");
        json::object answer = stored.configuration;
        answer["functionName"] = "gate-thumbnail";
        json::array tags;
        for (const auto& [key, value] : stored.tags)
            tags.push_back(json::object{{"Key", key}, {"Value", value}});
        answer["tags"] = tags;
        if (world.host.http.count("PUT */functions/gate-thumbnail") > 0) {
            answer["lastUpdateStatus"] = "Failed";
            answer["lastUpdateStatusReason"] = "the image cannot be read";
        }
        return testing::reply(200, json::serialize(answer));
    });
    const Error failure = world.deploy_error();
    CHECK(failure.message().find("the image cannot be read") != std::string::npos);
    CHECK(world.functions.at("gate-thumbnail").tags.at("pyfops:content-hash") != world.mark.content_hash);
    // What is shown is the new code; what runs is the old one: it is sent again.
    const auto updates = world.host.http.count("PUT */functions/gate-thumbnail");
    world.deploy_error();
    CHECK(world.host.http.count("PUT */functions/gate-thumbnail") == updates + 1);
}

TEST_CASE("deploy: waiting ends with the deadline and says in which state") {
    World world;
    world.slow_create = 100'000;
    StageContext context = world.host.context(std::chrono::seconds(20));
    const DeployRequest request{world.function, world.target, world.package, world.environment,
                                world.secrets,  world.mark,   world.settings};
    try {
        world.host.run(world.provider().deployer().deploy(request, context));
        FAIL("it ended");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::timeout);
        CHECK(failure.message().find("'Pending'") != std::string::npos);
    }
}

TEST_CASE("deploy: tags of the project are added and none of ours can be replaced") {
    World world;
    world.settings["tags"] = {{"team", "x"}, {"pyfops:project", "other"}};
    world.deploy();
    CHECK(world.functions.at("gate-thumbnail").tags.at("team") == "x");
    CHECK(world.functions.at("gate-thumbnail").tags.at("pyfops:project") == "gate");
}
