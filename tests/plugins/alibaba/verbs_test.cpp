// SPDX-License-Identifier: Apache-2.0
// Triggers, the bucket and the verbs beside deploy.
#include "plugins/alibaba/names.hpp"
#include "plugins/alibaba/world.hpp"

#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using alibaba_test::Names;
using alibaba_test::World;
using testing::reply;

namespace {

ListRequest all_of(World& world) {
    return {"gate", "eu-central-1", Realm::real, world.settings};
}

Deployment configure(World& world, const Deployment& made, std::optional<int> memory,
                     std::optional<int> timeout) {
    StageContext context = world.host.context();
    return world.host.run(
        world.provider().deployer().configure({made, memory, timeout, world.settings}, context));
}

std::string auth_of(World& world) {
    const auto& trigger = world.functions.at("gate-thumbnail").triggers.at("pyfops-http");
    return string_or(parse_json(string_or(trigger, "triggerConfig"), "the trigger"), "authType");
}

} // namespace

TEST_CASE("trigger: authentication follows the settings and none takes it away") {
    World world;
    world.settings["http_trigger"] = "function";
    const Deployment made = world.deploy();
    CHECK(auth_of(world) == "function");
    CHECK(made.link == "https://abc.eu-central-1.fcapp.run");
    world.writes();
    world.settings["http_trigger"] = "anonymous";
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.writes() == Names{"fc:UpdateTrigger"});
    CHECK(auth_of(world) == "anonymous");
    world.settings["http_trigger"] = "none";
    const Deployment without = world.deploy();
    CHECK(without.link == "acs:fc:eu-central-1:1234567890123456:functions/gate-thumbnail");
    CHECK(without.url.empty());
    CHECK(world.writes() == Names{"fc:UpdateFunction", "fc:DeleteTrigger"}); // the variable goes too
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.find()->link == without.link);
}

TEST_CASE("trigger: an answer without a URL is asked once more and then told") {
    World world;
    const std::string config = R"({"authType":"anonymous","methods":["GET","POST"]})";
    const std::string bare =
        json::serialize(json::object{{"triggerName", "pyfops-http"}, {"triggerConfig", config}});
    world.host.http.once("POST */triggers", reply(200, bare));
    world.host.http.once("GET */triggers/pyfops-http", reply(200, bare));
    const Error failure = world.deploy_error();
    CHECK(failure.message().find("no URL") != std::string::npos);
    CHECK(world.deploy().link == "https://abc.eu-central-1.fcapp.run"); // the next run completes it
}

TEST_CASE("bucket: a package above the inline limit goes through one of the project and is deleted there") {
    World world;
    world.set_package(std::string((50u << 20) + 1, 'x'));
    world.deploy();
    CHECK(world.writes() == Names{"oss:PutBucket", "oss:PutBucketTags", "oss:PutObject", "fc:CreateFunction",
                                  "oss:DeleteObject", "fc:CreateTrigger"});
    REQUIRE(world.buckets.size() == 1);
    const std::string bucket = world.buckets.begin()->first;
    CHECK(bucket.starts_with("pyfops-gate-"));
    CHECK(bucket.size() <= 63);
    CHECK(world.objects.empty());
    const auto put = world.host.http.requests("PUT https://" + bucket + ".oss-*.zip");
    REQUIRE(put.size() == 1);
    CHECK(put[0].headers.get("Authorization").find("/eu-central-1/oss/aliyun_v4_request,") !=
          std::string::npos);
    const json::value sent = alibaba_test::body(world.host.http.requests("POST */functions")[0]);
    CHECK(string_or(*find(sent, "code"), "ossBucketName") == bucket);
    CHECK_FALSE(find(*find(sent, "code"), "zipFile"));
    CHECK(world.deploy().action == DeployAction::unchanged);

    world.remove();
    world.remove_shared();
    CHECK(world.functions.empty());
    CHECK(world.buckets.empty());
    // And again: nothing is there, nothing is wrong.
    world.remove();
    world.remove_shared();
}

TEST_CASE("bucket: a configured one is used and stays") {
    World world;
    world.settings["bucket"] = "mine";
    world.buckets["mine"];
    world.set_package(std::string((50u << 20) + 1, 'x'));
    world.deploy();
    const Names writes = world.writes();
    CHECK(std::count(writes.begin(), writes.end(), "oss:PutBucket") == 0);
    CHECK(std::count(writes.begin(), writes.end(), "oss:PutObject") == 1);
    world.remove_shared();
    CHECK(world.buckets.contains("mine"));
}

TEST_CASE("bucket: one of somebody else stays as it is") {
    World world;
    world.set_package(std::string((50u << 20) + 1, 'x'));
    world.deploy();
    const std::string bucket = world.buckets.begin()->first;
    world.remove();
    world.buckets[bucket] = {{"team", "x"}};
    World fresh; // nothing remembered
    fresh.buckets = world.buckets;
    fresh.set_package(std::string((50u << 20) + 1, 'x'));
    CHECK(fresh.deploy_error().kind() == ErrorKind::conflict);
    fresh.remove_shared();
    CHECK(fresh.buckets.contains(bucket));
    fresh.buckets[bucket].clear(); // made by a run that was interrupted before it was tagged
    CHECK(fresh.deploy().action == DeployAction::created);
    CHECK(fresh.buckets.at(bucket).at("pyfops:project") == "gate");
}

TEST_CASE("bucket: many deployments at once make one") {
    World world;
    world.set_package(std::string((50u << 20) + 1, 'x'));
    std::vector<Task<void>> tasks;
    std::vector<FunctionSpec> functions(4, world.function);
    std::vector<Target> targets(4, world.target);
    std::vector<OwnershipMark> marks(4, world.mark);
    StageContext context = world.host.context();
    std::vector<DeployRequest> requests;
    for (std::size_t i = 0; i < 4; ++i) {
        targets[i].identity.function = "f" + std::to_string(i);
        targets[i].cloud_name = "gate-f" + std::to_string(i);
        marks[i].fd = targets[i].identity.str();
        requests.push_back({functions[i], targets[i], world.package, world.environment, world.secrets,
                            marks[i], world.settings});
    }
    const auto run = [](World& cloud, const DeployRequest& request, StageContext& where) -> Task<void> {
        Task<Deployment> deploying = cloud.provider().deployer().deploy(request, where);
        co_await std::move(deploying);
    };
    for (const DeployRequest& request : requests)
        tasks.push_back(run(world, request, context));
    world.host.run_all(std::move(tasks));
    CHECK(world.functions.size() == 4);
    const Names writes = world.writes();
    CHECK(std::count(writes.begin(), writes.end(), "oss:PutBucket") == 1);
    CHECK(std::count(writes.begin(), writes.end(), "oss:PutObject") == 4);
}

TEST_CASE("configure: memory goes with its vCPUs and is read back") {
    World world;
    const Deployment made = world.deploy();
    world.writes();
    const Deployment larger = configure(world, made, 1024, std::nullopt);
    CHECK(larger.memory_mb == 1024);
    CHECK(larger.action == DeployAction::updated);
    CHECK(world.writes() == Names{"fc:UpdateFunction"});
    const json::value sent =
        alibaba_test::body(world.host.http.requests("PUT */functions/gate-thumbnail").back());
    CHECK(json::serialize(sent) == R"({"memorySize":1024,"cpu":5E-1})");
    CHECK(configure(world, larger, 1024, 30).action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
    CHECK(configure(world, larger, std::nullopt, 60).timeout_seconds == 60);
    CHECK_THROWS_AS(configure(
                        world,
                        [&] {
                            Deployment other = made;
                            other.cloud_name = "gone";
                            return other;
                        }(),
                        2048, std::nullopt),
                    Error);
}

TEST_CASE("configure: what the cloud has counts and not what was known of it") {
    World world;
    const Deployment made = world.deploy();
    configure(world, made, 1024, std::nullopt); // by a run that was stopped before it told anybody
    world.writes();
    CHECK(configure(world, made, 256, std::nullopt).memory_mb == 256);
    CHECK(world.writes() == Names{"fc:UpdateFunction"});
    CHECK(configure(world, made, 256, std::nullopt).action == DeployAction::unchanged);
    world.functions.at("gate-thumbnail").tags.clear(); // somebody made another one of that name
    CHECK_THROWS_AS(configure(world, made, 512, std::nullopt), Error);
    CHECK(world.writes() == Names{});
}

TEST_CASE("list: all pages and the project's own only") {
    for (const bool tags_in_answers : {true, false}) {
        World world;
        world.tags_in_answers = tags_in_answers;
        world.deploy();
        const auto copy = world.functions.at("gate-thumbnail");
        for (const char* name : {"gate-a", "gate-b", "gate-c", "gate-d"}) {
            world.functions[name] = copy;
            world.functions[name].tags["pyfops:fd"] =
                std::string("gate/") + (name + 5) + "/alibaba/eu-central-1/real/auto";
        }
        world.functions["gate-local"] = copy;
        world.functions["gate-local"].tags["pyfops:fd"] = "gate/x/alibaba/eu-central-1/local/auto";
        world.functions["gate-strange"] = copy;
        world.functions["gate-strange"].tags["pyfops:fd"] = "nonsense";
        world.functions["gate-foreign"] = copy;
        world.functions["gate-foreign"].tags.clear();
        world.functions["gate-other"] = copy;
        world.functions["gate-other"].tags["pyfops:project"] = "gate-other";
        world.functions["else"] = copy;
        StageContext context = world.host.context();
        const auto found = world.host.run(world.provider().deployer().list(all_of(world), context));
        Names names;
        for (const Deployment& one : found) {
            names.push_back(one.cloud_name);
            CHECK(one.link == "https://abc.eu-central-1.fcapp.run");
            CHECK_FALSE(one.probe_key.empty());
        }
        CHECK(names == Names{"gate-a", "gate-b", "gate-c", "gate-d", "gate-thumbnail"});
    }
}

TEST_CASE("remove: triggers first and also those that somebody added") {
    World world;
    world.deploy();
    world.functions.at("gate-thumbnail").triggers["timer"] = {{"triggerName", "timer"}};
    world.writes();
    world.remove();
    CHECK(world.functions.empty());
    CHECK(world.writes() == Names{"fc:DeleteTrigger", "fc:DeleteTrigger", "fc:DeleteFunction"});
    world.remove();
    CHECK(world.writes() == Names{});
}

TEST_CASE("logs: without a Logstore it is said what to do") {
    World world;
    const Deployment made = world.deploy();
    StageContext context = world.host.context();
    try {
        world.host.run(world.provider().deployer().logs({made, {}, 100, world.settings}, context));
        FAIL("there were logs");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::invalid_input);
        CHECK(failure.hint().find("log_project") != std::string::npos);
    }
}

TEST_CASE("logs: pages of a Logstore in their order and of that function only") {
    World world;
    world.settings["role"] = "acs:ram::1234567890123456:role/fc";
    world.settings["log_project"] = "mine";
    world.settings["log_store"] = "fc";
    const Deployment made = world.deploy();
    int asked = 0;
    world.host.http.on(
        "GET https://mine.eu-central-1.log.aliyuncs.com/logstores/fc?*", [&](const HttpRequest& r) {
            CHECK(r.headers.get("Authorization").starts_with("SLS4-HMAC-SHA256 Credential=LTAIEXAMPLE/"));
            CHECK(alibaba_test::query(r, "query") == "functionName: \"gate-thumbnail\"");
            CHECK(alibaba_test::query(r, "reverse") == "true"); // the newest come first
            if (++asked == 1) return reply(200, "[]", {{"x-log-progress", "Incomplete"}});
            const int offset = std::stoi(alibaba_test::query(r, "offset"));
            const int count = offset == 0 ? 100 : offset == 100 ? 2 : 0;
            json::array lines;
            for (int i = 0; i < count; ++i)
                lines.push_back(json::object{{"__time__", "17637696" + std::to_string(20 - offset / 100)},
                                             {"functionName", i == 1 ? "other" : "gate-thumbnail"},
                                             {"message", "line " + std::to_string(offset + i) + "\r\n"}});
            return reply(200, json::serialize(lines), {{"x-log-progress", "Complete"}});
        });
    StageContext context = world.host.context();
    const auto lines =
        world.host.run(world.provider().deployer().logs({made, {}, 1000, world.settings}, context));
    CHECK(lines.size() == 100);
    CHECK(lines.front().text == "line 100");
    CHECK(lines.back().text == "line 0");
    CHECK(asked == 4); // an empty page is the end
}
