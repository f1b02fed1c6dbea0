// SPDX-License-Identifier: Apache-2.0
#include "openwhisk.hpp"
#include "plugins/ibm/names.hpp"
#include "provider.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using ibm_test::Names;
using testing::reply;

namespace {

/// A host with one namespace "team", which keeps actions as the REST API describes them.
class Whisk {
  public:
    Whisk() {
        host.system.environment = {{"__OW_API_KEY", "uuid:the-key-of-the-test"},
                                   {"__OW_API_HOST", "whisk.test"}};
        settings["api"] = "openwhisk";
        target.identity = {"gate", "hello", "ibm", "lab", Realm::real, "auto"};
        target.memory_mb = 256;
        target.timeout_seconds = 30;
        target.runtime = "python:3.11";
        target.cloud_name = "gate-hello";
        set_package("first");
        host.http.on("GET https://whisk.test/api/v1/namespaces", reply(200, R"(["team"])"));
        host.http.on("* https://whisk.test/api/v1/namespaces/team/actions*",
                     [this](const HttpRequest& request) { return answer(request); });
    }

    void set_package(const std::string& content) {
        package = testing::fake_package(content);
        mark = {"gate", target.identity.str(), sha256_hex(content)};
    }

    Deployment deploy() {
        StageContext context = host.context();
        const DeployRequest request{function, target, package, {{"MODE", "fast"}}, {}, mark, settings};
        return host.run(provider.deployer().deploy(request, context));
    }

    Names writes() {
        Names all;
        const auto names = host.http.operations();
        for (std::size_t i = seen; i < names.size(); ++i)
            if (names[i].find(":Get") == std::string::npos && names[i].find(":List") == std::string::npos)
                all.push_back(names[i]);
        seen = names.size();
        return all;
    }

    testing::FakeHost host;
    ibm::IbmProvider provider;
    FunctionSpec function;
    Target target;
    Package package;
    OwnershipMark mark;
    json::object settings;
    std::map<std::string, json::object> actions;
    bool honours_skip = true;
    std::size_t seen = 0;

  private:
    HttpResponse answer(const HttpRequest& request) {
        const std::string path(request.url.path());
        const std::string rest = path.substr(std::string_view("/api/v1/namespaces/team/actions").size());
        if (rest.empty()) {
            const std::string query(request.url.query());
            auto skip = std::stoul(query.substr(query.find("skip=") + std::string_view("skip=").size()));
            json::array all; // small pages: paging is always walked
            for (const auto& [name, action] : actions)
                if (skip > 0 && honours_skip)
                    --skip;
                else if (all.size() < 2)
                    all.push_back(action);
            return reply(200, json::serialize(all));
        }
        const std::string name = rest.substr(1);
        const bool known = actions.contains(name);
        if (request.method == "PUT") {
            if (known && request.url.query() == "overwrite=false")
                return reply(409, R"({"error":"resource already exists","code":"x"})");
            json::object& action = actions[name];
            action["name"] = name;
            const json::object sent = parse_json(request.body.view(), "it").as_object();
            for (const auto& member : sent) {
                if (member.key() == "limits" && action.contains("limits"))
                    for (const auto& limit : member.value().as_object())
                        action["limits"].as_object()[limit.key()] = limit.value();
                else
                    action[member.key()] = member.value();
            }
            return reply(200, json::serialize(action));
        }
        if (!known) return reply(404, R"({"error":"The requested resource does not exist.","code":"x"})");
        const std::string body = json::serialize(actions[name]);
        if (request.method == "DELETE") actions.erase(name);
        return reply(200, body);
    }
};

} // namespace

TEST_CASE("openwhisk: one request makes an action with its mark and environment") {
    Whisk world;
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(made.link == "https://whisk.test/api/v1/web/team/default/gate-hello.http");
    CHECK(made.memory_mb == 256);
    CHECK(made.timeout_seconds == 30);
    CHECK(world.writes() == Names{"openwhisk:CreateAction"});
    const HttpRequest sent = world.host.http.requests("PUT *").back();
    CHECK(sent.headers.get("Authorization") == "Basic " + base64("uuid:the-key-of-the-test"));
    const json::object& action = world.actions.at("gate-hello");
    CHECK(string_or(action.at("exec"), "code") == base64("first"));
    CHECK(string_or(action.at("exec"), "kind") == "python:3.11");
    const json::value& environment = action.at("parameters").at(0).at("value");
    CHECK(string_or(environment, "MODE") == "fast");
    CHECK(string_or(environment, "PYFOPS_PROBE_KEY") == made.probe_key.expose());
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
}

TEST_CASE("openwhisk: only what changed is sent") {
    Whisk world;
    world.deploy();
    world.writes();
    SUBCASE("code") {
        world.set_package("second");
        CHECK(world.deploy().action == DeployAction::updated);
        const json::value sent = parse_json(world.host.http.requests("PUT *").back().body.view(), "it");
        CHECK(find(sent, "exec"));
        CHECK_FALSE(find(sent, "limits"));
        CHECK_FALSE(find(sent, "parameters"));
        CHECK(world.deploy().action == DeployAction::unchanged);
    }
    SUBCASE("memory") {
        world.target.memory_mb = 512;
        world.mark.content_hash = "other";
        CHECK(world.deploy().memory_mb == 512);
        const json::value sent = parse_json(world.host.http.requests("PUT *").back().body.view(), "it");
        CHECK_FALSE(find(sent, "exec"));
        CHECK(integer_or(*find(sent, "limits"), "memory") == 512);
    }
    CHECK(world.writes().size() == 1);
}

TEST_CASE("openwhisk: what is not ours stays") {
    Whisk world;
    world.deploy();
    world.actions.at("gate-hello")["annotations"] = json::array();
    world.writes();
    CHECK_THROWS_AS(world.deploy(), Error);
    StageContext context = world.host.context();
    const RemoveRequest request{world.target.identity, world.target.cloud_name, world.settings};
    CHECK_THROWS_AS(world.host.run(world.provider.deployer().remove(request, context)), Error);
    CHECK(world.writes() == Names{});
}

TEST_CASE("openwhisk: a creation whose answer was lost is found") {
    Whisk world;
    world.host.http.once("PUT *overwrite=false", [&](const HttpRequest& request) -> HttpResponse {
        json::object action = parse_json(request.body.view(), "it").as_object();
        action["name"] = "gate-hello";
        world.actions["gate-hello"] = action;
        throw Error(ErrorKind::unavailable, "connection lost");
    });
    CHECK_FALSE(world.deploy().probe_key.empty());
    CHECK(world.actions.size() == 1);
}

TEST_CASE("openwhisk: a write at the same time is repeated") {
    Whisk world;
    world.deploy();
    world.set_package("second");
    world.host.http.once(
        "PUT *overwrite=true",
        reply(409, R"({"error":"Concurrent modification to resource detected.","code":"x"})"));
    CHECK(world.deploy().action == DeployAction::updated);
}

TEST_CASE("openwhisk: configure and find and list and remove") {
    Whisk world;
    Deployment made = world.deploy();
    StageContext context = world.host.context();
    auto& deployer = world.provider.deployer();
    const Deployment larger = world.host.run(deployer.configure({made, 512, 60, world.settings}, context));
    CHECK(larger.memory_mb == 512);
    CHECK(larger.timeout_seconds == 60);
    const auto found = world.host.run(
        deployer.find({world.target.identity, world.target.cloud_name, world.settings}, context));
    REQUIRE(found);
    CHECK(found->memory_mb == 512);
    CHECK(found->probe_key.expose() == made.probe_key.expose());
    world.actions["stranger"] = {{"name", "stranger"}};
    CHECK(world.host.run(deployer.list({"gate", "lab", Realm::real, world.settings}, context)).size() == 1);
    CHECK(world.host.run(deployer.list({"gate", "other", Realm::real, world.settings}, context)).empty());
    world.honours_skip = false; // the same page for ever
    CHECK(world.host.run(deployer.list({"gate", "lab", Realm::real, world.settings}, context)).size() == 1);
    const RemoveRequest request{world.target.identity, world.target.cloud_name, world.settings};
    world.host.run(deployer.remove(request, context));
    world.host.run(deployer.remove(request, context));
    CHECK(world.actions.size() == 1);
}

TEST_CASE("openwhisk: log lines of activations") {
    const LogLine line = ibm::openwhisk::read_log_line("2026-01-02T03:04:05.123456Z stderr: oh no", {});
    CHECK(line.text == "oh no");
    CHECK(to_iso8601(line.time) == "2026-01-02T03:04:05Z");
    CHECK(ibm::openwhisk::read_log_line("not one", {}).text == "not one");
}

TEST_CASE("openwhisk: calls go to the web action and the record tells the rest") {
    Whisk world;
    const Deployment made = world.deploy();
    const std::string body = R"({"a":1})";
    world.host.http.on("POST https://whisk.test/api/v1/web/*",
                       reply(200, body, {{"x-openwhisk-activation-id", "abc"}}));
    world.host.http.once("GET *activations/abc", reply(404, R"({"error":"not yet"})"));
    world.host.http.on("GET *activations/abc", reply(200, R"({"activationId":"abc","duration":40,"start":0,
        "annotations":[{"key":"initTime","value":30}],"logs":["2026-01-02T03:04:05.1Z stdout: seen"],
        "response":{"status":"success","result":{}}})"));
    StageContext context = world.host.context();
    const InvokeRequest request{made, json::value(1), false, true, world.settings};
    const Invocation answer = world.host.run(world.provider.tester().invoke(request, context));
    CHECK(answer.output == json::value{{"a", 1}});
    CHECK(answer.request_id == "abc");
    CHECK(answer.init_ms == 30);
    CHECK(answer.cold == true);
    CHECK(answer.duration_ms == 10);
    CHECK(answer.log_tail == "seen\n");
    CHECK_FALSE(world.host.http.requests("POST *web*").back().headers.has("Authorization"));
}
