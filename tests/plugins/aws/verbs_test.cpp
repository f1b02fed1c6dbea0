// SPDX-License-Identifier: Apache-2.0
// Shared resources, function URLs and the verbs beside deploy.
#include "plugins/aws/names.hpp"
#include "plugins/aws/world.hpp"

#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using aws_test::Names;
using aws_test::World;

TEST_CASE(
    "deploy: a package above the inline limit goes through a bucket of the project and is deleted there") {
    World world;
    world.set_package(std::string((50u << 20) + 1, 'x'));
    world.deploy();
    const Names writes = world.writes();
    CHECK(writes == Names{"iam:CreateRole", "iam:AttachRolePolicy", "s3:CreateBucket",
                          "s3:PutPublicAccessBlock", "s3:PutBucketTagging", "s3:PutObject",
                          "lambda:CreateFunction", "s3:DeleteObject"});
    REQUIRE(world.buckets.size() == 1);
    const std::string bucket = world.buckets.begin()->first;
    CHECK(bucket.starts_with("pyfops-gate-"));
    CHECK(bucket.size() <= 63);
    CHECK(world.objects.empty());
    const auto put = world.host.http.requests("PUT https://" + bucket + ".s3.*.zip");
    REQUIRE(put.size() == 1);
    CHECK(put[0].headers.get("x-amz-expected-bucket-owner") == "123456789012");
    CHECK(put[0].headers.get("x-amz-content-sha256") == sha256_hex(world.package.archive.view()));

    StageContext context = world.host.context();
    const ListRequest all{"gate", "eu-central-1", Realm::real, world.settings};
    world.remove();
    world.host.run(world.provider.deployer().remove_shared(all, context));
    CHECK(world.functions.empty());
    CHECK(world.buckets.empty());
    CHECK(world.roles.empty());
    CHECK(world.attached.empty());
    CHECK(world.log_groups.empty());
    // And again: nothing is there, nothing is wrong.
    world.remove();
    world.host.run(world.provider.deployer().remove_shared(all, context));
}

TEST_CASE("deploy: a configured bucket is used and stays") {
    World world;
    world.settings["bucket"] = "mine";
    world.buckets["mine"];
    world.set_package(std::string((50u << 20) + 1, 'x'));
    world.deploy();
    const Names writes = world.writes();
    CHECK(std::count(writes.begin(), writes.end(), "s3:CreateBucket") == 0);
    CHECK(std::count(writes.begin(), writes.end(), "s3:PutObject") == 1);
    StageContext context = world.host.context();
    world.host.run(world.provider.deployer().remove_shared(
        {"gate", "eu-central-1", Realm::real, world.settings}, context));
    CHECK(world.buckets.contains("mine"));
}

TEST_CASE("deploy: shared things of somebody else survive remove_shared") {
    World world;
    world.roles["pyfops-gate"] = {{"pyfops:project", "other"}};
    StageContext context = world.host.context();
    world.host.run(world.provider.deployer().remove_shared(
        {"gate", "eu-central-1", Realm::real, world.settings}, context));
    CHECK(world.roles.size() == 1);
}

TEST_CASE("deploy: a public URL needs both statements and is made once") {
    World world;
    world.settings["url"] = true;
    const Deployment made = world.deploy();
    CHECK(made.url == "https://abc.lambda-url.eu-central-1.on.aws/");
    const auto sent = world.host.http.requests("POST */policy");
    REQUIRE(sent.size() == 2);
    const json::value first = aws_test::body(sent[0]), second = aws_test::body(sent[1]);
    CHECK(string_or(first, "Action") == "lambda:InvokeFunctionUrl");
    CHECK(string_or(first, "FunctionUrlAuthType") == "NONE");
    CHECK(string_or(second, "Action") == "lambda:InvokeFunction");
    CHECK(find(second, "InvokedViaFunctionUrl")->as_bool());
    CHECK(string_or(second, "Principal") == "*");
    world.writes();
    const Deployment again = world.deploy();
    CHECK(again.url == made.url);
    CHECK(again.action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
    REQUIRE(world.find());
    CHECK(world.find()->url == made.url);
    SUBCASE("and goes when it is not asked for any more") {
        world.settings["url"] = false;
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK_FALSE(world.functions.at("gate-thumbnail").url);
        CHECK(world.functions.at("gate-thumbnail").statements.empty());
        world.writes();
        CHECK(world.deploy().action == DeployAction::unchanged);
    }
    SUBCASE("a statement that was lost is put back") {
        world.functions.at("gate-thumbnail").statements = {"pyfops-url"};
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"lambda:AddPermission"});
    }
}

TEST_CASE("configure: changes memory and reads it back") {
    World world;
    const Deployment made = world.deploy();
    world.writes();
    StageContext context = world.host.context();
    const ConfigureRequest request{made, 512, std::nullopt, world.settings};
    const Deployment changed = world.host.run(world.provider.deployer().configure(request, context));
    CHECK(changed.memory_mb == 512);
    CHECK(changed.link == made.link);
    CHECK(world.writes() == Names{"lambda:UpdateFunctionConfiguration"});
    const auto sent = world.host.http.requests("PUT */configuration");
    CHECK(json::serialize(aws_test::body(sent.back())) == R"({"MemorySize":512})");
}

TEST_CASE("configure: what the cloud has counts and not what was known") {
    World world;
    Deployment made = world.deploy();
    made.memory_mb = 512; // of a run before; somebody changed it since
    StageContext context = world.host.context();
    const ConfigureRequest request{made, 512, std::nullopt, world.settings};
    const auto configure = [&] {
        return world.host.run(world.provider.deployer().configure(request, context));
    };
    CHECK(configure().action == DeployAction::updated);
    CHECK(configure().action == DeployAction::unchanged);
    world.functions.at("gate-thumbnail").tags["pyfops:fd"] = "gate/other/aws/eu-central-1/real/auto";
    CHECK_THROWS_WITH_AS(configure(), doctest::Contains("is not this deployment's"), Error);
    world.functions.clear();
    CHECK_THROWS_WITH_AS(configure(), doctest::Contains("does not exist any more"), Error);
}

TEST_CASE("find: gives the probe key back and list finds by the mark over all pages") {
    World world;
    const Deployment made = world.deploy();
    const auto found = world.find();
    REQUIRE(found);
    CHECK(found->probe_key.expose() == made.probe_key.expose());
    CHECK(found->mark.content_hash == world.mark.content_hash);
    for (const std::string name : {"a-foreign", "gate-b", "gate-c", "gate-d", "z-foreign"}) {
        world.functions[name] = world.functions.at("gate-thumbnail");
        world.functions[name].tags["pyfops:fd"] = "gate/" + name + "/aws/eu-central-1/real/auto";
    }
    world.functions["gate-c"].tags.clear();
    world.functions["gate-d"].tags["pyfops:project"] = "gate-d-other";
    StageContext context = world.host.context();
    const ListRequest request{"gate", "eu-central-1", Realm::real, world.settings};
    const auto all = world.host.run(world.provider.deployer().list(request, context));
    REQUIRE(all.size() == 2);
    CHECK(all[0].cloud_name == "gate-b");
    CHECK(all[0].identity.function == "gate-b");
    CHECK(all[1].cloud_name == "gate-thumbnail");
    CHECK(all[1].probe_key.expose() == made.probe_key.expose());
    CHECK(world.host.http.count("GET *functions[?]*") == 3);
}

TEST_CASE("logs: pages are walked and empty ones are normal") {
    World world;
    const Deployment made = world.deploy();
    world.host.http.once("* https://logs.*", testing::reply(200, R"({"events":[],"nextToken":"a"})"));
    world.host.http.once(
        "* https://logs.*",
        testing::reply(200, R"({"events":[{"timestamp":1000,"message":"one\n"}],"nextToken":"b"})"));
    world.host.http.once("* https://logs.*",
                         testing::reply(200, R"({"events":[{"timestamp":2000,"message":"two"}]})"));
    StageContext context = world.host.context();
    const LogsRequest request{made, SystemTime(), 10, world.settings};
    const auto lines = world.host.run(world.provider.deployer().logs(request, context));
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].text == "one");
    CHECK(lines[1].time == SystemTime(Milliseconds(2000)));
    const auto sent = world.host.http.requests("POST https://logs.*");
    REQUIRE(sent.size() == 3);
    CHECK(string_or(aws_test::body(sent[1]), "nextToken") == "a");
    CHECK(sent[0].headers.get("X-Amz-Target") == "Logs_20140328.FilterLogEvents");
    SUBCASE("of more than was asked for the newest come") {
        world.host.http.once(
            "* https://logs.*",
            testing::reply(200, R"({"events":[{"timestamp":1000,"message":"one"}],"nextToken":"c"})"));
        world.host.http.once("* https://logs.*",
                             testing::reply(200, R"({"events":[{"timestamp":2000,"message":"two"}]})"));
        const LogsRequest one{made, SystemTime(), 1, world.settings};
        const auto newest = world.host.run(world.provider.deployer().logs(one, context));
        REQUIRE(newest.size() == 1);
        CHECK(newest[0].text == "two");
    }
    SUBCASE("no group yet is no line") {
        world.log_groups.clear();
        CHECK(world.host.run(world.provider.deployer().logs(request, context)).empty());
    }
}

TEST_CASE("deploy: --local leaves role and bucket and profile of the real cloud out") {
    World world;
    world.target.identity.realm = Realm::local;
    world.mark.fd = world.target.identity.str();
    world.settings["role"] = "arn:aws:iam::999999999999:role/real";
    world.settings["profile"] = "work";
    world.deploy();
    CHECK(string_or(world.functions.at("gate-thumbnail").configuration, "Role") ==
          "arn:aws:iam::123456789012:role/pyfops-gate");
}

TEST_CASE("deploy: no secret is in any event or log line") {
    World world;
    world.secrets.emplace("TOKEN", Secret("very-secret-token"));
    const Deployment made = world.deploy();
    world.set_package("second");
    world.host.http.once("PUT */code",
                         aws_test::error(400, "InvalidParameterValueException",
                                         "echo very-secret-token and " + made.probe_key.expose()));
    const Error failure = world.deploy_error();
    const std::string all = world.host.observer.text() + world.host.log.text() + failure.what();
    for (const std::string& secret :
         {std::string("very-secret-token"), made.probe_key.expose(), std::string("wJalrXUtnFEMI/K7MDENG")})
        CHECK(all.find(secret) == std::string::npos);
}
