// SPDX-License-Identifier: Apache-2.0
#include "plugins/azure/world.hpp"

#include "marks.hpp"
#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace pyfops;
using azure_test::Names;
using azure_test::World;
using testing::reply;

namespace {

const std::string subscription = "11111111-2222-3333-4444-555555555555";
const std::string app = "gate-thumbnail-" + sha256_hex(subscription + "/westeurope").substr(0, 8);

std::string tag(World& world, const char* name) {
    return string_or(world.site().resource.at("tags"), name);
}

} // namespace

TEST_CASE("azure deploy: the first one makes everything in order and writes the mark last") {
    World world;
    world.registered = {"Microsoft.Storage"};
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(made.cloud_name == app);
    CHECK(made.link == "https://" + app + ".azurewebsites.net/api/thumbnail");
    CHECK(made.memory_mb == 2048);
    CHECK(made.timeout_seconds == 30);
    CHECK(made.runtime == "python3.12");
    CHECK_FALSE(made.probe_key.empty());
    CHECK(world.writes() == Names{"resources:RegisterProvider", "resources:PutGroup", "storage:PutAccount",
                                  "storage:PutContainer", "web:PutPlan", "web:PutSite", "scm:Publish",
                                  "web:SyncTriggers", "resources:PutTags"});
    const auto& settings = world.site().settings;
    CHECK(settings.at("MODE") == "fast");
    CHECK(settings.at("PYFOPS_PROBE_KEY") == made.probe_key.expose());
    CHECK(settings.at("AzureFunctionsJobHost__functionTimeout") == "00:00:30");
    CHECK(settings.at("AzureWebJobsStorage").find("AccountKey=c2VjcmV0LWtleQ==") != std::string::npos);
    for (const char* banned :
         {"FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE"})
        CHECK_FALSE(settings.contains(banned)); // Flex Consumption refuses them
    CHECK(tag(world, azure::tag::fd) == "gate/thumbnail/azure/westeurope/real/auto");
    CHECK(tag(world, azure::tag::content) == world.mark.content_hash);
    const auto puts = world.host.http.requests("PUT */sites/*");
    REQUIRE(puts.size() == 2); // the app and its tags
    const json::value sent = azure_test::body(puts[0]);
    CHECK_FALSE(pyfops::find(sent.at("tags"), azure::tag::content)); // unfinished until the end
    const json::value& config = sent.at("properties").at("functionAppConfig");
    CHECK(config.at("runtime") == json::object{{"name", "python"}, {"version", "3.12"}});
    CHECK(config.at("scaleAndConcurrency").at("instanceMemoryMB") == 2048);
    CHECK(config.at("scaleAndConcurrency").at("maximumInstanceCount").as_int64() >= 40);
}

TEST_CASE("azure deploy: waits as long as Azure asks for") {
    World world;
    world.slow = 3;
    world.deploy();
    const auto& sleeps = world.host.clock.sleeps();
    CHECK(std::count(sleeps.begin(), sleeps.end(), Milliseconds(3000)) ==
          6); // account and app; three polls each
}

TEST_CASE("azure deploy: again without a change only reads") {
    World world;
    world.deploy();
    world.operations();
    const Deployment again = world.deploy();
    CHECK(again.action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"web:GetSite", "web:ListSettings"});
}

TEST_CASE("azure deploy: new code takes the mark away first and is published") {
    World world;
    const Deployment first = world.deploy();
    world.writes();
    world.set_package("second");
    const Deployment updated = world.deploy();
    CHECK(updated.action == DeployAction::updated);
    CHECK(world.writes() ==
          Names{"resources:PutTags", "scm:Publish", "web:SyncTriggers", "resources:PutTags"});
    CHECK(updated.probe_key.expose() == first.probe_key.expose());
    const auto patches = world.host.http.requests("PUT */tags/default*");
    const json::value begun = azure_test::body(patches[patches.size() - 2]).at("properties");
    CHECK_FALSE(pyfops::find(begun.at("tags"), azure::tag::content));
    CHECK_FALSE(pyfops::find(begun.at("tags"), azure::tag::package));
}

TEST_CASE("azure deploy: an interrupted update is done again although the project went back") {
    World world;
    world.deploy();
    const OwnershipMark first = world.mark;
    const Package old = world.package;
    world.set_package("second");
    world.host.http.once("POST *api/publish*", reply(400, "broken off"));
    world.deploy_error();
    world.package = old;
    world.mark = first;
    world.writes();
    CHECK(world.deploy().action == DeployAction::updated);
    const Names writes = world.writes();
    CHECK(std::count(writes.begin(), writes.end(), "scm:Publish") == 1);
}

TEST_CASE("azure deploy: memory and settings change without a new package") {
    World world;
    world.deploy();
    world.writes();
    world.target.memory_mb = 4096;
    world.environment = {{"OTHER", "x"}};
    world.site().settings["WEBSITE_TIME_ZONE"] = "UTC"; // of the platform: it stays
    world.mark.content_hash = "another";
    CHECK(world.deploy().memory_mb == 4096);
    CHECK(world.writes() ==
          Names{"resources:PutTags", "web:PutSite", "web:PutSettings", "resources:PutTags"});
    CHECK_FALSE(world.site().settings.contains("MODE"));
    CHECK(world.site().settings.at("OTHER") == "x");
    CHECK(world.site().settings.contains("WEBSITE_TIME_ZONE"));
    CHECK(world.site().settings.at("PYFOPS_MEMORY_MB") == "4096");
    const json::value& kept = world.site().resource.at("properties").at("functionAppConfig").at("deployment");
    CHECK(kept.at("storage").at("type") == "blobContainer"); // the rest of the configuration goes along
}

TEST_CASE("azure deploy: what somebody changed in the portal is put right") {
    World world;
    world.deploy();
    world.writes();
    world.site().settings["MODE"] = "slow";
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.site().settings.at("MODE") == "fast");
}

TEST_CASE("azure deploy: what is not ours is not touched") {
    World world;
    world.deploy();
    world.writes();
    SUBCASE("an app without our tags") {
        world.site().resource["tags"] = json::object{};
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
        CHECK_FALSE(world.find());
        CHECK_THROWS_AS(world.remove(), Error);
    }
    SUBCASE("an app of another deployment") {
        world.site().resource["tags"].as_object()[azure::tag::fd] = "gate/other/azure/westeurope/real/auto";
        const Error failure = world.deploy_error();
        CHECK(failure.kind() == ErrorKind::conflict);
        CHECK(failure.message().find("gate/other") != std::string::npos);
    }
    SUBCASE("a group of somebody else") {
        world.sites.clear();
        world.groups.begin()->second["tags"] = json::object{{"owner", "somebody"}};
        // Another provider object: this one remembers that the group was good.
        World other;
        other.groups = world.groups;
        const Error failure = other.deploy_error();
        CHECK(failure.kind() == ErrorKind::conflict);
        CHECK(failure.hint().find("resource_group") != std::string::npos);
        CHECK(other.writes() == Names{});
        return;
    }
    CHECK(world.writes() == Names{});
}

TEST_CASE("azure deploy: what is made between looking and creating is not overwritten") {
    World world;
    const auto unseen = [&] {
        world.host.http.once("GET */sites/*", azure_test::error(404, "ResourceNotFound", "not found"));
        world.provider = std::make_unique<azure::AzureProvider>();
        world.writes();
    };
    world.deploy();
    SUBCASE("by another run of ours") {
        unseen();
        CHECK(world.deploy().action == DeployAction::unchanged);
    }
    SUBCASE("by another deployment") {
        world.site().resource["tags"].as_object()[azure::tag::fd] = "gate/other/azure/westeurope/real/auto";
        unseen();
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
    }
    SUBCASE("in another resource group") {
        unseen();
        world.host.http.once("GET */sites/*", azure_test::error(404, "ResourceNotFound", "not found"));
        const Error failure = world.deploy_error();
        CHECK(failure.kind() == ErrorKind::conflict);
        CHECK(failure.hint().find("rename the project") != std::string::npos);
    }
    SUBCASE("and rights on the group alone are enough to see it there") {
        const auto denied = azure_test::error(403, "AuthorizationFailed", "no");
        world.host.http.on("POST */checknameavailability?*", denied);
        unseen();
        CHECK(world.deploy().action == DeployAction::unchanged);
    }
    CHECK(world.writes() == Names{});
}

TEST_CASE("azure deploy: rights on the resource group alone are enough") {
    World world;
    const auto denied = azure_test::error(403, "AuthorizationFailed", "no");
    world.host.http.on("POST */checknameavailability?*", denied);
    world.host.http.on("GET */providers/Microsoft.Web?api-version*", denied);
    world.host.http.on("GET */providers/Microsoft.Storage?api-version*", denied);
    CHECK(world.deploy().action == DeployAction::created);
}

TEST_CASE("azure deploy: a group that is being deleted is waited for and made anew") {
    World world;
    const auto ending =
        reply(200, R"({"tags":{"pyfops-project":"gate"},"properties":{"provisioningState":"Deleting"}})");
    for (int i = 0; i < 3; ++i)
        world.host.http.once("GET */resourcegroups/pyfops-gate?*", ending);
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.groups.contains("pyfops-gate"));
}

TEST_CASE("azure deploy: an account that another run is making is waited for") {
    World world;
    world.deploy();
    world.sites.clear();
    world.provider = std::make_unique<azure::AzureProvider>();
    json::object making = world.accounts.begin()->second;
    making["properties"] = json::object{{"provisioningState", "Creating"}};
    for (int i = 0; i < 3; ++i)
        world.host.http.once("GET */storageAccounts/*", reply(200, json::serialize(making)));
    world.operations();
    CHECK(world.deploy().action == DeployAction::created);
    const Names asked = world.operations();
    CHECK(std::count(asked.begin(), asked.end(), "storage:GetAccount") == 4);
}

TEST_CASE("azure deploy: who was overtaken by another run takes its marks away") {
    World world;
    world.deploy();
    world.set_package("second");
    world.host.http.once("GET *api/deployments/latest", reply(200, R"({"id":"another","status":4})"));
    world.deploy();
    CHECK_FALSE(pyfops::find(world.site().resource.at("tags"), azure::tag::content));
    CHECK_FALSE(pyfops::find(world.site().resource.at("tags"), azure::tag::package));
    CHECK(world.find()->mark.content_hash.empty());
    world.writes();
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("azure deploy: functions are looked for on every page") {
    World world;
    const std::string next = "https://management.azure.com/subscriptions/x/functions?page=2";
    world.host.http.on(
        "GET */functions?api-version=*",
        reply(200, json::serialize(
                       json::object{{"value", {json::object{{"name", "app/other"}}}}, {"nextLink", next}})));
    world.host.http.on("GET */functions?page=2",
                       reply(200, R"({"value":[{"name":"app/pyfops-thumbnail"}]})"));
    CHECK(world.deploy().action == DeployAction::created);
}

TEST_CASE("azure deploy: a deployment that fails tells Azure's reason") {
    World world;
    world.final_status = 3;
    const Error failure = world.deploy_error();
    CHECK(failure.provider_message().find("Deployment failed.; The package is broken") != std::string::npos);
    CHECK(world.host.http.count("* https://elsewhere.example/*") == 0); // the token stays with the host
    CHECK_FALSE(pyfops::find(world.site().resource.at("tags"), azure::tag::content));
    world.final_status = 4;
    CHECK(world.deploy().action == DeployAction::updated); // the next run goes on
}

TEST_CASE("azure deploy: another deployment under way is waited for") {
    World world;
    world.host.http.once("POST *api/publish*", reply(409, "There is a deployment currently in progress."));
    CHECK(world.deploy().action == DeployAction::created);
}

TEST_CASE("azure deploy: an operation that fails is an error with its own words") {
    World world;
    world.host.http.once(
        "GET *operationResults*",
        reply(200, R"({"status":"Failed","error":{"code":"BadRequest","message":"no capacity"}})"));
    const Error failure = world.deploy_error();
    CHECK(failure.provider_message() == "no capacity");
    CHECK(failure.provider_code() == "BadRequest");
}

TEST_CASE("azure deploy: an operation on another host gets no token") {
    World world;
    world.host.http.once("PUT */serverfarms/*",
                         reply(202, "", {{"Azure-AsyncOperation", "https://evil.example/operations/1"}}));
    CHECK(world.deploy_error().message().find("evil.example") != std::string::npos);
    CHECK(world.host.http.count("* https://evil.example/*") == 0);
}

TEST_CASE("azure deploy: the classic plan gets its package as a blob") {
    World world;
    world.settings["plan"] = "consumption";
    world.target.memory_mb = 1536;
    const Deployment made = world.deploy();
    CHECK(made.memory_mb == 1536);
    const auto& settings = world.site().settings;
    CHECK(settings.at("FUNCTIONS_WORKER_RUNTIME") == "python");
    CHECK(settings.at("WEBSITE_RUN_FROM_PACKAGE").find("sig=") != std::string::npos);
    CHECK(string_or(world.site().resource.at("properties").at("siteConfig"), "linuxFxVersion") ==
          "Python|3.12");
    CHECK(world.blobs.size() == 1);
    world.operations();
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"web:GetSite", "web:ListSettings"});
    world.set_package("second");
    world.deploy();
    CHECK(world.blobs.size() == 1); // the one before is deleted
}

TEST_CASE("azure deploy: deployments at the same time share group and account") {
    World world;
    StageContext context = world.host.context();
    std::vector<Target> targets(3, world.target);
    std::vector<OwnershipMark> marks(3, world.mark);
    std::vector<DeployRequest> requests;
    for (int i = 0; i < 3; ++i) {
        targets[i].identity.slot = std::to_string(i);
        targets[i].cloud_name += "-" + std::to_string(i);
        marks[i].fd = targets[i].identity.str();
    }
    for (int i = 0; i < 3; ++i)
        requests.push_back({world.function, targets[i], world.package, world.environment, world.secrets,
                            marks[i], world.settings});
    const auto one = [&](const DeployRequest& request) -> Task<void> {
        Task<Deployment> running = world.provider->deployer().deploy(request, context);
        co_await std::move(running);
    };
    std::vector<Task<void>> tasks;
    for (const DeployRequest& request : requests)
        tasks.push_back(one(request));
    world.deploying = 0;
    world.slow = 1;
    world.host.run_all(std::move(tasks));
    CHECK(world.sites.size() == 3);
    CHECK(world.host.http.count("PUT */resourcegroups/pyfops-gate?*") == 1);
    CHECK(world.host.http.count("PUT */storageAccounts/pyfops*?*") == 4); // one account; three containers
    CHECK(world.host.http.count("POST https://login.*") == 1);
}
