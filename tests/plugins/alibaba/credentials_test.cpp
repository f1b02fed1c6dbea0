// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"
#include "plugins/alibaba/world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using testing::reply;

namespace {

/// A machine without anything; `find` says which key is used, or fails.
struct Machine {
    testing::FakeHost host;
    alibaba::Transport transport;
    std::string project_profile;

    Machine() {
        host.http.on("* http://100.100.100.200/*", [](const HttpRequest&) -> HttpResponse {
            throw Error(ErrorKind::timeout, "no answer");
        });
    }
    void set(const std::string& name, const std::string& value) { host.system.environment[name] = value; }
    void cli(const std::string& text) { host.system.files["/home/user/.aliyun/config.json"] = text; }
    void ini(const std::string& text) { host.system.files["/home/user/.alibabacloud/credentials"] = text; }
    alibaba::Credentials find() {
        StageContext context = host.context();
        const alibaba::ProfileFiles all(host.system);
        const std::string profile = project_profile.empty()
                                        ? alibaba::variable(host.system, "ALIBABA_CLOUD_PROFILE").value_or("")
                                        : project_profile;
        return host.run(alibaba::find_credentials(
            {transport, context, all, profile, !project_profile.empty(), "eu-central-1", {}, {}}));
    }
    std::string key() { return find().key.access_key_id; }
    Error failure() {
        try {
            find();
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("credentials were found");
    }
    /// STS gives these keys; what it was asked is recorded.
    void sts(const std::string& id) {
        host.http.on("POST https://sts.eu-central-1.aliyuncs.com/*",
                     reply(200, R"({"Credentials":{"AccessKeyId":")" + id +
                                    R"(","AccessKeySecret":"sts-secret","SecurityToken":"sts-token",
                                       "Expiration":"2026-11-23T01:00:00Z"}})"));
    }
    HttpRequest last_sts() { return host.http.requests("POST https://sts.*").back(); }
};

constexpr const char* cli_file = R"({"current": "work", "profiles": [
    {"name": "default", "mode": "AK", "access_key_id": "CLIDEFAULT", "access_key_secret": "s1"},
    {"name": "work", "mode": "StsToken", "access_key_id": "CLIWORK", "access_key_secret": "s2", "sts_token": "t2"},
    {"name": "role", "mode": "RamRoleArn", "access_key_id": "CLIROLE", "access_key_secret": "s3",
     "ram_role_arn": "acs:ram::1:role/deploy", "ram_session_name": "me", "expired_seconds": 900},
    {"name": "chain", "mode": "ChainableRamRoleArn", "source_profile": "default", "ram_role_arn": "acs:ram::1:role/x"},
    {"name": "loop", "mode": "ChainableRamRoleArn", "source_profile": "loop2", "ram_role_arn": "acs:ram::1:role/x"},
    {"name": "loop2", "mode": "ChainableRamRoleArn", "source_profile": "loop", "ram_role_arn": "acs:ram::1:role/x"},
    {"name": "sso", "mode": "CloudSSO"}]})";

constexpr const char* ini_file =
    "[default]\ntype = access_key\naccess_key_id = INIDEFAULT\naccess_key_secret = s\n"
    "# a comment\n[work]\ntype=sts\naccess_key_id=INIWORK\naccess_key_secret=s\n"
    "security_token=t\n[strange]\ntype=rsa_key_pair\n";

} // namespace

TEST_CASE("credentials: the environment comes first and half of a pair is an error") {
    Machine machine;
    machine.cli(cli_file);
    machine.set("ALIBABA_CLOUD_ACCESS_KEY_ID", "ENVKEY");
    CHECK(machine.failure().kind() == ErrorKind::unauthenticated);
    machine.set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env-secret");
    machine.set("ALIBABA_CLOUD_PROFILE", "default");
    CHECK(machine.key() == "ENVKEY");
    CHECK(machine.find().key.security_token.empty());
    machine.set("ALIBABA_CLOUD_SECURITY_TOKEN", "env-token");
    CHECK(machine.find().key.security_token.expose() == "env-token");
    machine.project_profile = "work"; // named by the project: the environment is not asked
    CHECK(machine.key() == "CLIWORK");
}

TEST_CASE("credentials: the profile of the CLI before the credentials file") {
    Machine machine;
    machine.ini(ini_file);
    CHECK(machine.key() == "INIDEFAULT");
    machine.cli(cli_file);
    CHECK(machine.key() == "CLIWORK"); // "current"
    CHECK(machine.find().key.security_token.expose() == "t2");
    machine.set("ALIBABA_CLOUD_PROFILE", "default");
    CHECK(machine.key() == "CLIDEFAULT");
    machine.set("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true");
    CHECK(machine.key() == "INIDEFAULT");
    machine.set("ALIBABA_CLOUD_PROFILE", "work");
    CHECK(machine.find().key.security_token.expose() == "t");
    machine.set("ALIBABA_CLOUD_CREDENTIALS_FILE", "/elsewhere");
    machine.host.system.files["/elsewhere"] =
        "[work]\ntype=access_key\naccess_key_id=ELSEWHERE\naccess_key_secret=s\n";
    CHECK(machine.key() == "ELSEWHERE");
}

TEST_CASE("credentials: a role by the CLI's profile is asked for with the profile's own key") {
    Machine machine;
    machine.cli(cli_file);
    machine.sts("STSKEY");
    machine.set("ALIBABA_CLOUD_PROFILE", "role");
    const alibaba::Credentials found = machine.find();
    CHECK(found.key.access_key_id == "STSKEY");
    CHECK(found.expires == from_iso8601("2026-11-23T01:00:00Z"));
    const HttpRequest asked = machine.last_sts();
    CHECK(asked.headers.get("x-acs-action") == "AssumeRole");
    CHECK(asked.headers.get("x-acs-version") == "2015-04-01");
    CHECK(asked.headers.get("Authorization").find("Credential=CLIROLE,") != std::string::npos);
    CHECK(alibaba_test::query(asked, "RoleArn") == "acs:ram::1:role/deploy");
    CHECK(alibaba_test::query(asked, "RoleSessionName") == "me");
    CHECK(alibaba_test::query(asked, "DurationSeconds") == "900");
    machine.set("ALIBABA_CLOUD_PROFILE", "chain");
    CHECK(machine.key() == "STSKEY");
    CHECK(machine.last_sts().headers.get("Authorization").find("Credential=CLIDEFAULT,") !=
          std::string::npos);
    machine.set("ALIBABA_CLOUD_PROFILE", "loop");
    CHECK(machine.failure().message().find("leads back") != std::string::npos);
    machine.set("ALIBABA_CLOUD_PROFILE", "sso");
    CHECK(machine.failure().message().find("CloudSSO") != std::string::npos);
}

TEST_CASE("credentials: OIDC needs all three variables and sends the token in the body") {
    Machine machine;
    machine.cli(cli_file);
    machine.sts("OIDCKEY");
    machine.set("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/token");
    machine.set("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/ci");
    CHECK(machine.key() == "CLIWORK"); // not all are set
    machine.set("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/github");
    CHECK(machine.failure().message().find("/token does not exist") != std::string::npos);
    machine.host.system.files["/token"] = "the.oidc.token-of-the-test\n";
    CHECK(machine.key() == "OIDCKEY");
    const HttpRequest asked = machine.last_sts();
    CHECK_FALSE(asked.headers.has("Authorization"));
    CHECK(asked.url.target.find("oidc.token") == std::string::npos);
    CHECK(asked.body.view().find("OIDCToken=the.oidc.token-of-the-test") != std::string_view::npos);
    CHECK(asked.body.view().find("token-of-the-test%0A") == std::string_view::npos);
    CHECK(alibaba_test::query(asked, "Action") == "AssumeRoleWithOIDC");
    CHECK(alibaba_test::query(asked, "Version") == "2015-04-01");
}

TEST_CASE("credentials: instance metadata wants a token first and its role") {
    Machine machine;
    const std::string base = "http://100.100.100.200";
    machine.host.http.on("PUT " + base + "/latest/api/token", reply(200, "metadata-token"));
    machine.host.http.on("GET " + base + "/latest/meta-data/ram/security-credentials/",
                         reply(200, "ecs-role"));
    machine.host.http.on("GET " + base + "/latest/meta-data/ram/security-credentials/ecs-role",
                         [](const HttpRequest& request) {
                             CHECK(request.headers.get("X-aliyun-ecs-metadata-token") == "metadata-token");
                             return reply(200,
                                          R"({"Code":"Success","AccessKeyId":"ECSKEY","AccessKeySecret":"s",
                                  "SecurityToken":"t","Expiration":"2026-11-23T06:00:00Z"})");
                         });
    CHECK(machine.key() == "ECSKEY");
    machine.set("ALIBABA_CLOUD_ECS_METADATA", "ecs-role"); // then the role is not asked for
    CHECK(machine.key() == "ECSKEY");
    machine.set("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "TRUE");
    CHECK(machine.failure().message().find("turned off") != std::string::npos);
}

TEST_CASE("credentials: the credentials URI comes last and its answer is checked") {
    Machine machine;
    machine.set("ALIBABA_CLOUD_CREDENTIALS_URI", "http://127.0.0.1:9/keys");
    machine.host.http.on("GET http://127.0.0.1:9/keys",
                         reply(200, R"({"Code":"Success","AccessKeyId":"URIKEY","AccessKeySecret":"s",
                                        "SecurityToken":"t","Expiration":"2026-11-23T06:00:00Z"})"));
    CHECK(machine.key() == "URIKEY");
    machine.host.http.once("GET http://127.0.0.1:9/keys", reply(200, R"({"Code":"Failed"})"));
    CHECK(machine.failure().message().find("'Failed'") != std::string::npos);
    machine.host.http.once("GET http://127.0.0.1:9/keys", reply(200, "{\"AccessKeySecret\": \"half"));
    CHECK(std::string(machine.failure().what()).find("half") == std::string::npos);
    machine.set("ALIBABA_CLOUD_CREDENTIALS_URI", "nonsense");
    CHECK(machine.failure().message().find("is no URL") != std::string::npos);
}

TEST_CASE("credentials: nothing found names every step") {
    Machine machine;
    const Error failure = machine.failure();
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    for (const char* part : {"ALIBABA_CLOUD_ACCESS_KEY_ID is not set", "no OIDC", "config.json",
                             "/.alibabacloud/credentials", "not an ECS instance", "CREDENTIALS_URI"})
        CHECK(failure.message().find(part) != std::string::npos);
    CHECK(failure.hint().find("--local") != std::string::npos);
    machine.cli("{\"profiles\": [{\"access_key_secret\": \"very-secret-text");
    CHECK(std::string(machine.failure().what()).find("very-secret") == std::string::npos);
    machine.cli(cli_file);
    machine.project_profile = "wrok";
    CHECK(machine.failure().hint().find("'work'") != std::string::npos);
    machine.ini(ini_file);
    machine.project_profile = "strange";
    CHECK(machine.failure().message().find("rsa_key_pair") != std::string::npos);
}

TEST_CASE("credentials: keys that expire are renewed in time and once when they expire early") {
    alibaba_test::World world;
    world.host.system.environment = {{"ALIBABA_CLOUD_CREDENTIALS_URI", "http://127.0.0.1:9/keys"},
                                     {"ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"}};
    int asked = 0;
    world.host.http.on("GET http://127.0.0.1:9/keys", [&asked](const HttpRequest&) {
        ++asked;
        return reply(
            200, R"({"AccessKeyId":"K)" + std::to_string(asked) +
                     R"(","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-11-23T01:00:00Z"})");
    });
    world.deploy();
    CHECK(asked == 1);
    world.host.http.once("GET *functions/gate-thumbnail",
                         alibaba_test::error(403, "InvalidSecurityToken.Expired", "expired"));
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(asked == 2);
    CHECK(world.host.http.requests().back().headers.get("Authorization").find("Credential=K2,") !=
          std::string::npos);
    world.host.clock.advance(std::chrono::minutes(56)); // less than five minutes are left
    world.deploy();
    CHECK(asked > 2); // what the source gives anew is near its end as well
}
