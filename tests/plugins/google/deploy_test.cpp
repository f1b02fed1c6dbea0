// SPDX-License-Identifier: Apache-2.0
#include "plugins/google/world.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using google_test::Names;
using google_test::World;

namespace {

std::string mask(const World& world) {
    return google_test::query(world.last("cloudfunctions:UpdateFunction"), "updateMask");
}

} // namespace

TEST_CASE("deploy: the first one uploads and creates and waits for the operation") {
    World world;
    world.slow = 3;
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(made.link == "https://europe-west1-proj-1.cloudfunctions.net/gate-thumbnail");
    CHECK(made.url.empty());
    CHECK(made.memory_mb == 256);
    CHECK(made.timeout_seconds == 30);
    CHECK(made.mark.content_hash == world.mark.content_hash);
    CHECK(string_or(made.details, "account") == "proj-1");
    CHECK(world.writes() ==
          Names{"storage:PutObject", "cloudfunctions:CreateFunction"}); // GenerateUploadUrl changes nothing
    CHECK(world.uploads == Names{std::string(world.package.archive.view())});
    const HttpRequest create = world.last("cloudfunctions:CreateFunction");
    CHECK(create.url.target ==
          "/v2/projects/proj-1/locations/europe-west1/functions?functionId=gate-thumbnail");
    const json::value sent = google_test::body(create);
    CHECK(string_or(sent, "environment") == "GEN_2");
    CHECK(json::serialize(sent.at_pointer("/buildConfig/source/storageSource")) ==
          R"({"bucket":"uploads","object":"u.zip"})");
    CHECK(sent.at_pointer("/buildConfig/runtime") == "python311");
    CHECK(sent.at_pointer("/buildConfig/entryPoint") == "main");
    CHECK(sent.at_pointer("/buildConfig/environmentVariables/GOOGLE_FUNCTION_SOURCE") == "_pyfops_google.py");
    CHECK(sent.at_pointer("/serviceConfig/availableMemory") == "256Mi");
    CHECK(sent.at_pointer("/serviceConfig/availableCpu") == "0.167");
    CHECK(sent.at_pointer("/serviceConfig/timeoutSeconds") == 30);
    CHECK(sent.at_pointer("/serviceConfig/maxInstanceRequestConcurrency") == 1);
    CHECK(sent.at_pointer("/serviceConfig/environmentVariables/MODE") == "fast");
    CHECK(string_or(sent.at_pointer("/serviceConfig/environmentVariables"), "PYFOPS_PROBE_KEY") ==
          made.probe_key.expose());
    CHECK(sent.at_pointer("/serviceConfig/environmentVariables/PYFOPS_FD") ==
          "gate/thumbnail/google/europe-west1/real/auto");
    CHECK(sent.at_pointer("/labels/pyfops-project") == "gate");
    CHECK(string_or(sent.at("labels"), "pyfops-fd") == world.target.identity.id());
    CHECK(sent.as_object().at("labels").as_object().size() == 3);
}

TEST_CASE("deploy: again without a change writes nothing") {
    World world;
    world.deploy();
    world.operations();
    const Deployment again = world.deploy();
    CHECK(again.action == DeployAction::unchanged);
    CHECK(world.operations() == Names{"cloudfunctions:GetFunction"});
}

TEST_CASE("deploy: changed code is uploaded and changed settings are named one by one") {
    World world;
    const Deployment first = world.deploy();
    world.writes();
    SUBCASE("code") {
        world.set_package("second");
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"storage:PutObject", "cloudfunctions:UpdateFunction"});
        CHECK(mask(world) == "labels,buildConfig.source,serviceConfig.environmentVariables");
    }
    SUBCASE("memory goes with its processor share") {
        world.target.memory_mb = 1024;
        CHECK(world.deploy().memory_mb == 1024);
        CHECK(world.writes() == Names{"cloudfunctions:UpdateFunction"});
        CHECK(mask(world) == "serviceConfig.availableMemory,serviceConfig.availableCpu,"
                             "serviceConfig.environmentVariables");
        CHECK(google_test::body(world.last("cloudfunctions:UpdateFunction"))
                  .at_pointer("/serviceConfig/availableCpu") == "0.583");
    }
    SUBCASE("timeout") {
        world.target.timeout_seconds = 90;
        CHECK(world.deploy().timeout_seconds == 90);
        CHECK(mask(world) == "serviceConfig.timeoutSeconds,serviceConfig.environmentVariables");
    }
    SUBCASE("a secret") {
        world.secrets.emplace("TOKEN", Secret("secret-token-value"));
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(mask(world) == "serviceConfig.environmentVariables");
    }
    SUBCASE("runtime") {
        world.target.runtime = "python312";
        world.deploy();
        CHECK(mask(world) == "buildConfig.runtime");
    }
    SUBCASE("labels and limits of the settings") {
        world.settings = {{"labels", json::object{{"team", "blue"}}}, {"max_instances", 7}};
        world.deploy();
        CHECK(mask(world) == "labels,serviceConfig.maxInstanceCount");
    }
    const Deployment now = world.deploy();
    CHECK(now.action == DeployAction::unchanged);
    CHECK(now.probe_key.expose() == first.probe_key.expose());
    CHECK(now.link == first.link);
}

TEST_CASE("deploy: what Google writes in another form is no change") {
    World world;
    world.deploy();
    auto& config = world.functions.at("gate-thumbnail").resource["serviceConfig"].as_object();
    config["availableMemory"] = "0.25Gi";
    config["availableCpu"] = "0.1666";
    config["maxInstanceCount"] = 100;
    world.functions.at("gate-thumbnail").resource["labels"].as_object()["deployment-tool"] = "console";
    world.writes();
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});
}

TEST_CASE("deploy: a function of somebody else's is never touched") {
    World world;
    world.deploy();
    world.writes();
    json::object& labels = world.functions.at("gate-thumbnail").resource["labels"].as_object();
    SUBCASE("without our labels") {
        labels.clear();
        const Error failure = world.deploy_error();
        CHECK(failure.kind() == ErrorKind::conflict);
        CHECK(failure.message().find("was not made by pyfOps") != std::string::npos);
        CHECK_FALSE(world.find());
    }
    SUBCASE("of another deployment") {
        labels["pyfops-fd"] = "0123456789abcdef";
        CHECK(world.deploy_error().message().find("belongs to another deployment") != std::string::npos);
        CHECK_FALSE(world.find());
    }
    SUBCASE("one whose creation failed") {
        labels.clear();
        world.functions.at("gate-thumbnail").state = "FAILED";
        CHECK(world.deploy_error().kind() == ErrorKind::conflict);
    }
    CHECK_THROWS_AS(world.remove(), Error);
    CHECK(world.functions.contains("gate-thumbnail"));
    CHECK(world.writes() == Names{});
}

TEST_CASE("deploy: a creation whose answer was lost is found again") {
    World world;
    world.host.http.once("POST *functionId=*", [&world](const HttpRequest& request) -> HttpResponse {
        world.host.http.requests(); // the request arrives ...
        google_test::StoredFunction& stored = world.functions["gate-thumbnail"];
        stored.resource = google_test::body(request).as_object();
        stored.busy = 2;
        throw Error(ErrorKind::unavailable, "the connection was lost"); // ... and its answer does not
    });
    const Deployment made = world.deploy();
    CHECK(made.link == "https://europe-west1-proj-1.cloudfunctions.net/gate-thumbnail");
    CHECK(world.functions.size() == 1);
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: an operation says that the name is taken") {
    World world;
    world.next_error = json::object{{"code", 6}, {"message", "already exists"}};
    // The function that is there already is ours; the failed operation belongs to the request alone.
    world.host.http.on("POST *functionId=*", [&world](const HttpRequest& request) {
        google_test::StoredFunction& stored = world.functions["gate-thumbnail"];
        stored.resource = google_test::body(request).as_object();
        return testing::reply(
            200,
            R"({"name":"projects/p/locations/r/operations/o","done":true,"error":{"code":6,"message":"x"}})");
    });
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: what is under way on the function is waited for") {
    World world;
    world.deploy();
    world.writes();
    world.set_package("second");
    SUBCASE("seen by its state") {
        world.functions.at("gate-thumbnail").busy = 3;
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() == Names{"storage:PutObject", "cloudfunctions:UpdateFunction"});
    }
    SUBCASE("told by a refusal") {
        world.host.http.once("PATCH *", google_test::error(409, "ABORTED", "already in progress"));
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() ==
              Names{"storage:PutObject", "cloudfunctions:UpdateFunction", "cloudfunctions:UpdateFunction"});
    }
}

TEST_CASE("deploy: a failed build is told and the next run makes it good") {
    World world;
    world.next_error = json::object{
        {"code", 3}, {"message", "Build failed: see the build log: https://console.cloud.google.com/x"}};
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::invalid_input);
    CHECK(failure.provider_code() == "INVALID_ARGUMENT");
    CHECK(failure.hint() == "read the build's log: the message names it");
    CHECK(world.functions.at("gate-thumbnail").state == "FAILED");
    // find tells that it is not finished.
    REQUIRE(world.find());
    CHECK(world.find()->mark.content_hash.empty());
    world.writes();
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(world.writes() ==
          Names{"cloudfunctions:DeleteFunction", "storage:PutObject", "cloudfunctions:CreateFunction"});
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: an update that failed is repeated whole") {
    World world;
    world.deploy();
    world.target.memory_mb = 512;
    world.next_error = json::object{{"code", 13}, {"message", "internal"}};
    CHECK(world.deploy_error().kind() == ErrorKind::unavailable);
    world.functions.at("gate-thumbnail").resource["serviceConfig"].as_object()["uri"] = "https://x.run.app";
    world.writes();
    CHECK(world.deploy().action == DeployAction::updated);
    CHECK(world.writes() == Names{"storage:PutObject", "cloudfunctions:UpdateFunction"});
    CHECK(mask(world).find("buildConfig.source") != std::string::npos);
    CHECK(world.deploy().action == DeployAction::unchanged);
}

TEST_CASE("deploy: everybody may call when the settings say so and no longer when they do not") {
    World world;
    world.settings["public"] = true;
    world.policy_conflicts = 1;
    google_test::StoredFunction* stored = nullptr;
    const Deployment open = world.deploy();
    CHECK(open.url == open.link);
    stored = &world.functions.at("gate-thumbnail");
    CHECK(json::serialize(stored->policy.at("bindings")) ==
          R"([{"role":"roles/run.invoker","members":["allUsers"]}])");
    CHECK(world.writes() == Names{"storage:PutObject", "cloudfunctions:CreateFunction", "run:SetIamPolicy",
                                  "run:SetIamPolicy"});
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.writes() == Names{});

    SUBCASE("what others have put into the policy stays") {
        stored->policy["bindings"] =
            json::array{json::object{{"role", "roles/run.invoker"}, {"members", json::array{"user:a@b.c"}}},
                        json::object{{"role", "roles/run.admin"}, {"members", json::array{"group:ops@b.c"}}}};
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(json::serialize(stored->policy.at("bindings")) ==
              R"([{"role":"roles/run.invoker","members":["user:a@b.c","allUsers"]},)"
              R"({"role":"roles/run.admin","members":["group:ops@b.c"]}])");
    }
    SUBCASE("closed: the policy before the label") {
        world.settings.clear();
        world.writes();
        const Deployment closed = world.deploy();
        CHECK(closed.url.empty());
        CHECK(world.writes() == Names{"run:SetIamPolicy", "cloudfunctions:UpdateFunction"});
        CHECK(mask(world) == "labels");
        CHECK(stored->policy.at("bindings").as_array().empty());
        CHECK(world.deploy().action == DeployAction::unchanged);
    }
}

TEST_CASE("deploy: the upload carries the headers that its signature covers and no token") {
    World world;
    world.host.http.once(
        "POST *:generateUploadUrl",
        testing::reply(200, R"({"uploadUrl":"https://storage.googleapis.com/u.zip?X-Goog-SignedHeaders=)"
                            R"(content-type%3Bhost%3Bx-goog-content-length-range","storageSource":{}})"));
    world.deploy();
    const HttpRequest put = world.last("storage:PutObject");
    CHECK(put.headers.get("Content-Type") == "application/zip");
    CHECK(put.headers.get("x-goog-content-length-range") == "0,104857600");
    CHECK_FALSE(put.headers.has("Authorization"));
    world.set_package("second");
    world.deploy();
    CHECK_FALSE(world.last("storage:PutObject").headers.has("x-goog-content-length-range"));
}

TEST_CASE("deploy: code is not sent over plain http") {
    World world;
    world.host.http.once(
        "POST *:generateUploadUrl",
        testing::reply(200, R"({"uploadUrl":"http://storage.example/u.zip","storageSource":{}})"));
    CHECK(world.deploy_error().kind() == ErrorKind::invalid_input);
    CHECK(world.uploads.empty());
}
