// SPDX-License-Identifier: Apache-2.0
#include "plugins/aws/names.hpp"
#include "plugins/aws/world.hpp"

#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using aws_test::Names;
using aws_test::World;

TEST_CASE("deploy: the first one makes the role and the function and waits until it is active") {
    World world;
    world.slow_create = 3;
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(made.link == "arn:aws:lambda:eu-central-1:123456789012:function:gate-thumbnail");
    CHECK(made.memory_mb == 256);
    CHECK(made.mark.content_hash == world.mark.content_hash);
    CHECK_FALSE(made.probe_key.empty());
    CHECK(world.writes() == Names{"iam:CreateRole", "iam:AttachRolePolicy", "lambda:CreateFunction"});
    const auto& stored = world.functions.at("gate-thumbnail");
    CHECK(stored.pending == 0);
    CHECK(stored.tags.at("pyfops:fd") == "gate/thumbnail/aws/eu-central-1/real/auto");
    CHECK(stored.tags.at("pyfops:project") == "gate");
    const json::value& variables = stored.configuration.at("Environment").at("Variables");
    CHECK(string_or(variables, "MODE") == "fast");
    CHECK(string_or(variables, "PYFOPS_PROBE_KEY") == made.probe_key.expose());
    CHECK(string_or(stored.configuration, "Role") == "arn:aws:iam::123456789012:role/pyfops-gate");
    CHECK(string_or(stored.configuration, "Handler") == "_pyfops_aws.handler");
    CHECK(made.times.total >= made.times.activation);
}

TEST_CASE("deploy: again without a change writes nothing") {
    World world;
    world.deploy();
    world.operations();
    const Deployment again = world.deploy();
    CHECK(again.action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"lambda:GetFunction"});
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
        world.functions.at("gate-thumbnail").configuration["CodeSha256"] = "tampered";
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"lambda:UpdateFunctionCode", "lambda:TagResource"});
    }
}

TEST_CASE("deploy: one changed byte of code is one code update and the mark") {
    World world;
    world.deploy();
    world.writes();
    world.set_package("second");
    const Deployment updated = world.deploy();
    CHECK(updated.action == DeployAction::updated);
    CHECK(world.writes() == Names{"lambda:UpdateFunctionCode", "lambda:TagResource"});
    CHECK(world.functions.at("gate-thumbnail").tags.at("pyfops:content-hash") == world.mark.content_hash);
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: a changed configuration leaves the code alone and keeps the probe key") {
    World world;
    const Deployment first = world.deploy();
    world.writes();
    SUBCASE("memory") {
        world.target.memory_mb = 512;
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
    const Deployment second = world.deploy();
    CHECK(second.action == DeployAction::updated);
    CHECK(world.writes() == Names{"lambda:UpdateFunctionConfiguration"});
    CHECK(second.probe_key.expose() == first.probe_key.expose());
    CHECK(second.link == first.link);
}

TEST_CASE("deploy: code and configuration are updated one after the other with a wait in between") {
    World world;
    world.deploy();
    world.writes();
    world.slow_update = 4;
    world.set_package("second");
    world.target.memory_mb = 1024;
    world.deploy();
    // The scripted AWS answers 409 to the second update as long as the first is in progress: none came.
    CHECK(world.writes() ==
          Names{"lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode", "lambda:TagResource"});
}

TEST_CASE("deploy: a function that is busy with somebody else's update is waited for") {
    World world;
    world.deploy();
    world.writes();
    world.set_package("second");
    // Busy only after it was looked at: the update runs into 409.
    world.host.http.once(
        "PUT */code",
        aws_test::error(409, "ResourceConflictException",
                        "The operation cannot be performed at this time. An update is in progress "
                        "for resource: arn:aws:lambda:eu-central-1:123456789012:function:x"));
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.writes() ==
          Names{"lambda:UpdateFunctionCode", "lambda:UpdateFunctionCode", "lambda:TagResource"});
}

TEST_CASE("deploy: a new role that Lambda does not know yet is waited for by its text") {
    World world;
    world.role_unknown = 4;
    CHECK(world.deploy().action == DeployAction::created);
    const auto retries = world.host.observer.all<RetryScheduled>();
    CHECK(retries.size() == 4);
    SUBCASE("but not for ever") {
        World other;
        other.role_unknown = 1000;
        const Error failure = other.deploy_error();
        CHECK(failure.kind() == ErrorKind::invalid_input);
        CHECK(failure.provider_message().find("cannot be assumed") != std::string::npos);
        CHECK(failure.hint().find("lambda.amazonaws.com") != std::string::npos);
        CHECK(other.functions.empty());
    }
}

TEST_CASE("deploy: a given role is used and no IAM call is made") {
    World world;
    world.settings["role"] = "arn:aws:iam::123456789012:role/mine";
    world.deploy();
    CHECK(world.writes() == Names{"lambda:CreateFunction"});
    CHECK(string_or(world.functions.at("gate-thumbnail").configuration, "Role") ==
          "arn:aws:iam::123456789012:role/mine");
}

TEST_CASE("deploy: the role is ours or it is left alone") {
    World world;
    world.roles["pyfops-gate"] = {};
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::conflict);
    CHECK(world.writes() == Names{});
}

TEST_CASE("deploy: a role that exists without its policy gets it") {
    World world;
    world.roles["pyfops-gate"] = {{"pyfops:project", "gate"}};
    world.deploy();
    CHECK(world.writes() == Names{"iam:AttachRolePolicy", "lambda:CreateFunction"});
}

TEST_CASE("deploy: a foreign function of that name is not touched") {
    World world;
    world.deploy();
    world.writes();
    auto& tags = world.functions.at("gate-thumbnail").tags;
    SUBCASE("without our mark") {
        tags.clear();
        tags["team"] = "other";
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
        CHECK_FALSE(world.find());
        CHECK_THROWS_AS(world.remove(), Error);
    }
    SUBCASE("of another deployment") {
        tags["pyfops:fd"] = "gate/thumbnail/aws/eu-central-1/real/512";
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
        CHECK_FALSE(world.find());
        CHECK_THROWS_AS(world.remove(), Error);
    }
    CHECK(world.writes() == Names{});
    CHECK(world.functions.size() == 1);
}

TEST_CASE("deploy: a create whose answer was lost goes on with what was made") {
    World world;
    World twin; // what the lost request does
    int lost = 0;
    const auto lose = [&](bool acted) {
        world.host.http.once("POST */functions", [&, acted](const HttpRequest& request) -> HttpResponse {
            ++lost;
            if (acted) {
                StageContext context = twin.host.context();
                HttpRequest copy = request;
                twin.host.run(twin.send(std::move(copy), context));
                world.functions = twin.functions;
            }
            throw Error(ErrorKind::unavailable, "the connection was lost");
        });
    };
    SUBCASE("it was not acted on") {
        lose(false);
        CHECK(world.deploy().action == DeployAction::created);
    }
    SUBCASE("it was acted on") {
        lose(true);
        const Deployment deployment = world.deploy();
        CHECK(deployment.link.ends_with("gate-thumbnail"));
        CHECK(world.functions.at("gate-thumbnail").pending == 0);
    }
    CHECK(lost == 1);
    CHECK(world.functions.size() == 1);
    CHECK(world.writes().size() == 4); // role, policy, create twice
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: created meanwhile by another process of ours is taken over as an update") {
    World world;
    World other;
    other.deploy();
    // Between our look and our create, the other one is faster.
    world.host.http.once("GET *gate-thumbnail", [&](const HttpRequest&) {
        world.functions = other.functions;
        return aws_test::error(404, "ResourceNotFoundException", "Function not found: x");
    });
    const Deployment deployment = world.deploy();
    CHECK(deployment.action == DeployAction::unchanged);
    CHECK(world.functions.size() == 1);
    SUBCASE("and a foreign one that appears at that moment stays") {
        World third;
        third.host.http.once("GET *gate-thumbnail", [&](const HttpRequest&) {
            third.functions = other.functions;
            third.functions.at("gate-thumbnail").tags.clear();
            return aws_test::error(404, "ResourceNotFoundException", "Function not found: x");
        });
        CHECK(third.deploy_error().kind() == ErrorKind::conflict);
    }
}

TEST_CASE("deploy: a function that AWS could not make is an error with its reason") {
    World world;
    world.slow_create = 0;
    world.host.http.once("GET *gate-thumbnail",
                         aws_test::error(404, "ResourceNotFoundException", "not found"));
    world.host.http.once(
        "GET *gate-thumbnail",
        testing::reply(200, R"({"Configuration":{"FunctionName":"gate-thumbnail","State":"Failed",
            "StateReason":"The security group does not exist"},"Tags":{}})"));
    const Error failure = world.deploy_error();
    CHECK(std::string(failure.what()).find("The security group does not exist") != std::string::npos);
}

TEST_CASE("deploy: a function of ours whose creation failed is made anew") {
    World world;
    world.deploy();
    world.writes();
    const std::string tags = R"({"pyfops:project":"gate","pyfops:fd":")" + world.mark.fd + R"("})";
    world.host.http.once(
        "GET *gate-thumbnail",
        testing::reply(200, R"({"Configuration":{"FunctionName":"gate-thumbnail","State":"Failed",
            "StateReason":"x"},"Tags":)" +
                                tags + "}"));
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.writes() == Names{"lambda:DeleteFunction", "lambda:CreateFunction"});
}

TEST_CASE("deploy: a role that changes may be unknown to Lambda for a while too") {
    World world;
    world.settings["role"] = "arn:aws:iam::123456789012:role/mine";
    world.deploy();
    world.writes();
    world.settings.erase("role");
    world.host.http.once("PUT */configuration",
                         aws_test::error(400, "InvalidParameterValueException",
                                         "The role defined for the function cannot be assumed by Lambda."));
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(string_or(world.functions.at("gate-thumbnail").configuration, "Role").ends_with("/pyfops-gate"));
}

TEST_CASE("deploy: waiting ends with the deadline and names the state") {
    World world;
    world.slow_create = 1'000'000;
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::timeout);
    CHECK(failure.message().find("Pending") != std::string::npos);
}

TEST_CASE("deploy: several functions at once make one role") {
    World world;
    StageContext context = world.host.context();
    std::vector<Target> targets(8, world.target);
    std::vector<OwnershipMark> marks(8, world.mark);
    std::vector<std::unique_ptr<DeployRequest>> requests;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        targets[i].identity.function = "f" + std::to_string(i);
        targets[i].cloud_name = "gate-f" + std::to_string(i);
        marks[i].fd = targets[i].identity.str();
        requests.push_back(std::make_unique<DeployRequest>(
            DeployRequest{world.function, targets[i], world.package, world.environment, world.secrets,
                          marks[i], world.settings}));
    }
    std::vector<Task<void>> tasks;
    struct Run {
        static Task<void> one(Deployer& deployer, const DeployRequest& request, StageContext& stage) {
            Task<Deployment> deploying = deployer.deploy(request, stage);
            co_await std::move(deploying);
        }
    };
    for (const auto& request : requests)
        tasks.push_back(Run::one(world.provider.deployer(), *request, context));
    world.host.run_all(std::move(tasks));
    const Names writes = world.writes();
    CHECK(std::count(writes.begin(), writes.end(), "iam:CreateRole") == 1);
    CHECK(std::count(writes.begin(), writes.end(), "lambda:CreateFunction") == 8);
    CHECK(world.host.http.count("* https://sts.*") == 1);
}
