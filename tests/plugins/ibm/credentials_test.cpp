// SPDX-License-Identifier: Apache-2.0
#include "credentials/properties.hpp"
#include "credentials/sources.hpp"
#include "endpoints.hpp"
#include "iam.hpp"
#include "plugins/ibm/world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using ibm::ServiceConfig;
using testing::FakeSystem;

namespace {

std::string key_of(const FakeSystem& system) {
    const ServiceConfig config = ibm::find_service_config(system);
    return config.source + " " + config.api_key.expose();
}

Error refusal(const FakeSystem& system) {
    try {
        ibm::find_service_config(system);
    } catch (const Error& failure) {
        return failure;
    }
    throw std::runtime_error("credentials were found");
}

} // namespace

TEST_CASE("credentials: properties are read as dotenv writes them") {
    const auto all = ibm::parse_properties("# c\n\nA=1\r\nexport B = \"two words\"\nC='x=y'\nnonsense\nD=\n");
    CHECK(all.size() == 4);
    CHECK(all.at("A") == "1");
    CHECK(all.at("B") == "two words");
    CHECK(all.at("C") == "x=y");
    CHECK(all.at("D").empty());
}

TEST_CASE("credentials: the sources in the order of the SDKs") {
    FakeSystem system;
    system.environment["VCAP_SERVICES"] = R"({"code_engine":[{"name":"x","credentials":{"apikey":"vcap"}}]})";
    CHECK(key_of(system) == "VCAP_SERVICES vcap");
    system.environment["IBMCLOUD_API_KEY"] = "cli";
    CHECK(key_of(system) == "IBMCLOUD_API_KEY cli");
    system.environment["CODE_ENGINE_APIKEY"] = "env";
    CHECK(key_of(system) == "environment env");
    system.files["/home/user/ibm-credentials.env"] = "CODE_ENGINE_APIKEY=home\n";
    CHECK(key_of(system) == "~/ibm-credentials.env home");
    system.files["ibm-credentials.env"] = "CODE_ENGINE_APIKEY=here\n";
    CHECK(key_of(system) == "./ibm-credentials.env here");
    system.environment["IBM_CREDENTIALS_FILE"] = "/secrets";
    system.files["/secrets/ibm-credentials.env"] = "CODE_ENGINE_APIKEY=directory\n";
    CHECK(key_of(system) == "IBM_CREDENTIALS_FILE directory");
    system.files["/secrets"] = "CODE_ENGINE_APIKEY=named\n";
    CHECK(key_of(system) == "IBM_CREDENTIALS_FILE named");
}

TEST_CASE("credentials: a file that speaks of other services only is passed over") {
    FakeSystem system;
    system.files["ibm-credentials.env"] = "WATSON_APIKEY=x\n";
    system.environment["CODE_ENGINE_APIKEY"] = "env";
    CHECK(key_of(system) == "environment env");
    SUBCASE("but one that speaks of ours is the only one") {
        system.files["ibm-credentials.env"] = "CODE_ENGINE_URL=https://x\n";
        CHECK(refusal(system).message().find("./ibm-credentials.env") != std::string::npos);
    }
}

TEST_CASE("credentials: without any every source is named") {
    const Error failure = refusal(FakeSystem{});
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    for (const char* word :
         {"IBM_CREDENTIALS_FILE", "~/ibm-credentials.env", "IBMCLOUD_API_KEY", "VCAP_SERVICES"})
        CHECK(failure.message().find(word) != std::string::npos);
}

TEST_CASE("credentials: ways to authenticate") {
    FakeSystem system;
    system.environment = {{"CODE_ENGINE_AUTH_TYPE", "bearerToken"}, {"CODE_ENGINE_BEARER_TOKEN", "t"}};
    CHECK(ibm::find_service_config(system).auth == ServiceConfig::Auth::bearer_token);
    system.environment = {{"CODE_ENGINE_AUTH_TYPE", "noAuth"}};
    CHECK(ibm::find_service_config(system).auth == ServiceConfig::Auth::none);
    system.environment = {{"CODE_ENGINE_AUTH_TYPE", "container"}};
    CHECK(refusal(system).message().find("'container'") != std::string::npos);
    system.environment = {{"CODE_ENGINE_APIKEY", "k"},
                          {"CODE_ENGINE_AUTH_URL", "https://iam.test/identity/token/"}};
    CHECK(ibm::find_service_config(system).auth_url == "https://iam.test");
}

TEST_CASE("credentials: the request for a token is IAM's") {
    ServiceConfig config;
    config.auth_url = "https://iam.cloud.ibm.com";
    config.api_key = Secret("a+b/c=");
    const auto call = ibm::iam::token_request(config);
    CHECK(call.url.str() == "https://iam.cloud.ibm.com/identity/token");
    CHECK(call.body.view() ==
          "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=a%2Bb%2Fc%3D"
          "&response_type=cloud_iam");
    config.auth_url = "http://iam.cloud.ibm.com";
    CHECK_THROWS_AS(ibm::iam::token_request(config), Error);
    config.auth_url = "http://127.0.0.1:1/iam.cloud.ibm.com";
    CHECK(ibm::iam::token_request(config).url.target == "/iam.cloud.ibm.com/identity/token");
}

TEST_CASE("credentials: a token is kept and made anew before it ends") {
    ibm_test::World world;
    world.deploy();
    world.deploy();
    CHECK(world.tokens == 1);
    world.host.clock.advance(std::chrono::minutes(56));
    world.deploy();
    CHECK(world.tokens == 2);
    SUBCASE("and when it is refused before its time") {
        world.host.http.once("GET */projects?*", ibm_test::refuse(401, "unauthorized", "revoked"));
        CHECK(world.find());
        CHECK(world.tokens == 3);
    }
}

TEST_CASE("credentials: a key that IAM does not know") {
    ibm_test::World world;
    world.host.http.on(
        "POST https://iam.*",
        testing::reply(
            400, R"({"errorCode":"BXNIM0415E","errorMessage":"Provided API key could not be found."})"));
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    CHECK(failure.provider_code() == "BXNIM0415E");
    CHECK(std::string(failure.what()).find("the-api-key-of-the-test") == std::string::npos);
    CHECK(world.host.log.text().find("the-api-key-of-the-test") == std::string::npos);
}

TEST_CASE("credentials: whose account it is") {
    ibm_test::World world;
    StageContext context = world.host.context();
    const Account account = world.host.run(world.provider().account({}, "eu-de", context));
    CHECK(account.id == "acc");
    CHECK(account.principal == "me");
    CHECK(account.source == "environment");
}

TEST_CASE("endpoints: the region of the deployment counts") {
    CHECK(ibm::code_engine_url("eu-de", "").str() == "https://api.eu-de.codeengine.cloud.ibm.com/v2");
    CHECK(ibm::code_engine_url("eu-de", "https://api.us-south.codeengine.cloud.ibm.com/v2/").str() ==
          "https://api.eu-de.codeengine.cloud.ibm.com/v2");
    CHECK(ibm::code_engine_url("eu-de", "https://api.private.us-south.codeengine.cloud.ibm.com/v2").host ==
          "api.private.eu-de.codeengine.cloud.ibm.com");
    CHECK(
        ibm::code_engine_url("eu-de", "http://127.0.0.1:9/api.us-south.codeengine.cloud.ibm.com/v2").target ==
        "/api.eu-de.codeengine.cloud.ibm.com/v2");
    CHECK(ibm::code_engine_url("eu-de", "https://proxy.test/ce").str() == "https://proxy.test/ce");
    CHECK(ibm::openwhisk_url("whisk.test").str() == "https://whisk.test/api/v1");
    CHECK(ibm::openwhisk_url("http://localhost:3233/").str() == "http://localhost:3233/api/v1");
}

TEST_CASE("endpoints: a key is sent to no host without TLS") {
    ibm_test::World world;
    world.host.system.environment["CODE_ENGINE_URL"] = "http://api.test/v2";
    CHECK(world.deploy_error().kind() == ErrorKind::invalid_input);
    CHECK(world.host.http.requests().empty());
}

TEST_CASE("credentials: OpenWhisk by environment and by wskprops") {
    FakeSystem system;
    CHECK_THROWS_AS(ibm::find_whisk_config(system, ""), Error);
    system.files["/home/user/.wskprops"] = "APIHOST=whisk.test\nAUTH=u:k\nNAMESPACE=_\n";
    auto config = ibm::find_whisk_config(system, "");
    CHECK(config.host == "whisk.test");
    CHECK(config.key.expose() == "u:k");
    CHECK(config.name_space.empty());
    system.environment["WSK_CONFIG_FILE"] = "/etc/wsk";
    system.files["/etc/wsk"] = "APIHOST=other.test\nAUTH=v:l\nNAMESPACE=team\n";
    config = ibm::find_whisk_config(system, "");
    CHECK(config.host == "other.test");
    CHECK(config.name_space == "team");
    CHECK(ibm::find_whisk_config(system, "set.test").host == "set.test");
    system.environment["__OW_API_KEY"] = "e:n";
    system.environment["__OW_API_HOST"] = "env.test";
    CHECK(ibm::find_whisk_config(system, "").key.expose() == "e:n");
    CHECK(ibm::find_whisk_config(system, "set.test").host == "env.test");
    system.environment.erase("__OW_API_HOST");
    CHECK(ibm::find_whisk_config(system, "set.test").host == "set.test");
    system.environment["__OW_API_KEY"] = "only-one-part";
    CHECK_THROWS_AS(ibm::find_whisk_config(system, ""), Error);
}
