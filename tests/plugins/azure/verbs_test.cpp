// SPDX-License-Identifier: Apache-2.0
// The verbs beside deploy.
#include "plugins/azure/world.hpp"

#include "app_settings.hpp"
#include "insights.hpp"
#include "marks.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using azure_test::Names;
using azure_test::World;
using testing::reply;

TEST_CASE("azure find: gives the link and the probe key and nothing of others") {
    World world;
    CHECK_FALSE(world.find());
    const Deployment made = world.deploy();
    const auto found = world.find();
    REQUIRE(found);
    CHECK(found->link == made.link);
    CHECK(found->probe_key.expose() == made.probe_key.expose());
    CHECK(found->timeout_seconds == 30);
    world.target.cloud_name = made.cloud_name; // by the whole name as well
    CHECK(world.find());
    world.target.identity.slot = "512";
    CHECK_FALSE(world.find());
}

TEST_CASE("azure list: walks the pages and leaves out other regions and projects") {
    World world;
    world.deploy();
    const azure_test::StoredSite site = world.site();
    world.sites["a-foreign"] = site;
    world.sites["a-foreign"].resource["tags"] = json::object{};
    world.sites["b-elsewhere"] = site;
    world.sites["b-elsewhere"].resource["location"] = "East US";
    world.sites["z-last"] = site;
    world.sites["z-last"].resource["location"] = "West Europe"; // as Azure writes it
    StageContext context = world.host.context();
    const ListRequest request{"gate", "westeurope", Realm::real, world.settings};
    const auto all = world.host.run(world.provider->deployer().list(request, context));
    REQUIRE(all.size() == 2);
    CHECK(all[1].cloud_name == "z-last");
    const Names asked = world.operations();
    CHECK(std::count(asked.begin(), asked.end(), "web:ListSites") == 4);
    const ListRequest other{"nothing", "westeurope", Realm::real, world.settings};
    CHECK(world.host.run(world.provider->deployer().list(other, context)).empty());
}

TEST_CASE("azure configure: memory by the app and timeout by its settings") {
    World world;
    const Deployment made = world.deploy();
    world.writes();
    StageContext context = world.host.context();
    const auto configure = [&](std::optional<int> memory, std::optional<int> timeout) {
        const ConfigureRequest request{made, memory, timeout, world.settings};
        return world.host.run(world.provider->deployer().configure(request, context));
    };
    const Deployment larger = configure(4096, std::nullopt);
    CHECK(larger.memory_mb == 4096);
    CHECK(larger.action == DeployAction::updated);
    CHECK(world.writes() == Names{"web:PutSite", "web:PutSettings"});
    CHECK(string_or(world.site().resource.at("tags"), azure::tag::content) == world.mark.content_hash);
    CHECK(configure(std::nullopt, 90).timeout_seconds == 90);
    CHECK(world.writes() == Names{"web:PutSettings"});
    CHECK(world.site().settings.at("AzureFunctionsJobHost__functionTimeout") == "00:01:30");
    CHECK(configure(4096, 90).action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
}

TEST_CASE("azure configure: a refusal that repeats the settings tells no variable of the function") {
    World world;
    const Deployment made = world.deploy();
    world.site().settings["TOKEN"] = "only-the-app-knows-it"; // the project is not asked for its value now
    world.host.http.on("PUT */config/appsettings?*", [](const HttpRequest& request) {
        return azure_test::error(400, "BadRequest", std::string(request.body.view()));
    });
    StageContext context = world.host.context();
    const ConfigureRequest request{made, std::nullopt, 90, world.settings};
    try {
        world.host.run(world.provider->deployer().configure(request, context));
        FAIL("a refusal was taken for success");
    } catch (const Error& failure) {
        CHECK(failure.provider_message().find("TOKEN") != std::string::npos);
        CHECK(failure.provider_message().find("only-the-app-knows-it") == std::string::npos);
    }
}

TEST_CASE("azure remove: takes away what was made for the deployment and then what was shared") {
    World world;
    world.deploy();
    world.remove();
    CHECK(world.sites.empty());
    CHECK(world.plans.empty());
    CHECK(world.containers.empty());
    CHECK(world.accounts.size() == 1);
    world.remove_shared();
    CHECK(world.accounts.empty());
    CHECK(world.groups.empty());
    world.writes();
    world.remove(); // and again: nothing is there and nothing is wrong
    world.remove_shared();
    CHECK(world.sites.empty());
}

TEST_CASE("azure remove: a plan without its app is found again") {
    World world;
    world.host.http.once("PUT */sites/*", reply(400, R"({"error":{"code":"BadRequest","message":"no"}})"));
    world.deploy_error();
    CHECK(world.plans.size() == 1);
    world.remove();
    CHECK(world.plans.empty());
}

TEST_CASE("azure remove_shared: the group stays while something is in it or when it is the user's") {
    World world;
    world.deploy();
    world.remove_shared(); // the app is still there
    CHECK(world.groups.size() == 1);
    World given;
    given.settings["resource_group"] = "mine";
    CHECK(given.deploy_error().kind() == ErrorKind::not_found);
    given.groups["mine"] = {{"tags", json::object{}}};
    given.deploy();
    given.remove();
    given.remove_shared();
    CHECK(given.accounts.empty());
    CHECK(given.groups.contains("mine"));
}

TEST_CASE("azure logs: by Application Insights where it is named") {
    World world;
    const Deployment made = world.deploy();
    StageContext context = world.host.context();
    const LogsRequest request{made, from_iso8601("2026-11-23T00:00:00Z"), 50, world.settings};
    try {
        world.host.run(world.provider->deployer().logs(request, context));
        FAIL("there are no logs");
    } catch (const Error& failure) {
        CHECK(failure.hint().find("application_insights") != std::string::npos);
    }
    world.settings["application_insights"] = "InstrumentationKey=a;ApplicationId=AB-12;X=y";
    world.mark.content_hash = "with insights";
    world.deploy();
    world.host.http.on(
        "POST https://api.applicationinsights.io/v1/apps/ab-12/query",
        reply(
            200,
            R"({"tables":[{"name":"PrimaryResult","columns":[{"name":"message","type":"string"},)"
            R"({"name":"timestamp","type":"datetime"}],"rows":[["hello","2026-11-23T06:47:00.123Z"],["x",null]]}]})"));
    const auto lines = world.host.run(world.provider->deployer().logs(request, context));
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].text == "hello");
    CHECK(to_iso8601(lines[0].time) == "2026-11-23T06:47:00Z");
    const auto asked = world.host.http.requests("POST https://api.applicationinsights.io/*");
    const std::string query = string_or(azure_test::body(asked.back()), "query");
    CHECK(query.find("cloud_RoleName =~ '" + made.cloud_name + "'") != std::string::npos);
    CHECK(query.find("top 50 by timestamp desc") != std::string::npos);
    const auto tokens = world.host.http.requests("POST https://login.*");
    CHECK(tokens.back().body.view().find("api.applicationinsights.io%2F.default") != std::string_view::npos);
}

TEST_CASE("azure account: the subscription by setting or environment or as the only one") {
    World world;
    StageContext context = world.host.context();
    const auto account = [&] {
        return world.host.run(world.provider->account(world.settings, "westeurope", context));
    };
    CHECK(account().id == "11111111-2222-3333-4444-555555555555");
    world.settings["subscription"] = "99999999-0000-0000-0000-000000000000";
    CHECK(account().id == "99999999-0000-0000-0000-000000000000");
    World other;
    other.host.system.environment.erase("AZURE_SUBSCRIPTION_ID");
    StageContext second = other.host.context();
    other.host.http.on("GET https://management.azure.com/subscriptions?*",
                       reply(200, R"({"value":[{"subscriptionId":"s1","state":"Enabled"},)"
                                  R"({"subscriptionId":"s2","state":"Disabled"}]})"));
    CHECK(other.host.run(other.provider->account({}, "westeurope", second)).id == "s1");
    World several;
    several.host.system.environment.erase("AZURE_SUBSCRIPTION_ID");
    StageContext third = several.host.context();
    several.host.http.on("GET https://management.azure.com/subscriptions?*",
                         reply(200, R"({"value":[{"subscriptionId":"s1"},{"subscriptionId":"s2"}]})"));
    try {
        several.host.run(several.provider->account({}, "westeurope", third));
        FAIL("one of two was taken");
    } catch (const Error& failure) {
        CHECK(failure.message().find("s1, s2") != std::string::npos);
    }
}

TEST_CASE("azure token: one that ended before its time is renewed once") {
    World world;
    world.deploy();
    world.host.http.once("GET */sites/*", azure_test::error(401, "ExpiredAuthenticationToken",
                                                            "The access token expiry is earlier."));
    CHECK(world.find());
    CHECK(world.host.http.count("POST https://login.*") == 2);
}
