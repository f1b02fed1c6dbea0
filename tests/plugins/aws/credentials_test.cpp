// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"
#include "plugins/aws/world.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using testing::reply;

namespace {

/// A machine without anything; `find` says which key is used, or fails.
struct Machine {
    testing::FakeHost host;
    aws::Transport transport;
    std::string project_profile;

    Machine() {
        host.http.on("* http://169.254.169.254*", [](const HttpRequest&) -> HttpResponse {
            throw Error(ErrorKind::timeout, "no answer");
        });
    }
    void files(const std::string& config, const std::string& credentials = {}) {
        host.system.files["/home/user/.aws/config"] = config;
        if (!credentials.empty()) host.system.files["/home/user/.aws/credentials"] = credentials;
    }
    aws::Credentials find() {
        StageContext context = host.context();
        const aws::ProfileFiles all(host.system);
        const std::string profile =
            project_profile.empty() ? aws::default_profile(host.system) : project_profile;
        return host.run(aws::find_credentials(
            {transport, context, all, profile, !project_profile.empty(), "eu-central-1", "", {}, {}}));
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
        host.http.on("POST https://sts.eu-central-1.amazonaws.com/*", [id](const HttpRequest& request) {
            const std::string action = aws_test::form(request, "Action");
            return reply(
                200, "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + id +
                         "</AccessKeyId><SecretAccessKey>sts-secret</SecretAccessKey><SessionToken>sts-token"
                         "</SessionToken><Expiration>2026-11-23T01:00:00Z</Expiration></Credentials></" +
                         action + "Result></" + action + "Response>");
        });
    }
    HttpRequest last_sts() { return host.http.requests("POST https://sts.*").back(); }
};

constexpr const char* two_profiles =
    "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = s1\n"
    "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = s2\n"
    "aws_session_token = t2\n";

} // namespace

TEST_CASE("credentials: the environment comes first and AWS_PROFILE does not skip it") {
    Machine machine;
    machine.files("", two_profiles);
    CHECK(machine.key() == "AKIDDEFAULT");
    machine.host.system.environment["AWS_PROFILE"] = "work";
    CHECK(machine.key() == "AKIDWORK");
    CHECK(machine.find().key.session_token.expose() == "t2");
    machine.host.system.environment["AWS_ACCESS_KEY_ID"] = "AKIDENV";
    CHECK(machine.failure().kind() == ErrorKind::unauthenticated); // half of a pair
    machine.host.system.environment["AWS_SECRET_ACCESS_KEY"] = "env-secret";
    machine.host.system.environment["AWS_SECURITY_TOKEN"] = "old-token";
    CHECK(machine.key() == "AKIDENV");
    CHECK(machine.find().key.session_token.expose() == "old-token");
    machine.host.system.environment["AWS_SESSION_TOKEN"] = "new-token";
    CHECK(machine.find().key.session_token.expose() == "new-token");
    machine.project_profile = "work"; // named by the project: the environment is not asked
    CHECK(machine.key() == "AKIDWORK");
}

TEST_CASE("credentials: files where the variables say and a home that is written as a tilde") {
    Machine machine;
    machine.host.system.environment["AWS_SHARED_CREDENTIALS_FILE"] = "~/elsewhere";
    machine.host.system.files["/home/user/elsewhere"] = two_profiles;
    CHECK(machine.key() == "AKIDDEFAULT");
}

TEST_CASE("credentials: credentials file before credential_process before config file") {
    Machine machine;
    machine.host.processes.handler = [](const ProcessRequest&) {
        ProcessResult result;
        result.exit_code = 0;
        result.output = R"({"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"p","SessionToken":"t",
                            "Expiration":"2026-11-23T01:00:00Z"})";
        return result;
    };
    machine.files("[profile work]\ncredential_process = /opt/get-keys \"two words\" --x 'a \"b\"' c\\ d\n"
                  "aws_access_key_id = AKIDCONFIG\naws_secret_access_key = c\n[default]\n"
                  "aws_access_key_id = AKIDCONFIGDEFAULT\naws_secret_access_key = c\n");
    CHECK(machine.key() == "AKIDCONFIGDEFAULT");
    machine.host.system.environment["AWS_PROFILE"] = "work";
    const aws::Credentials found = machine.find();
    CHECK(found.key.access_key_id == "AKIDPROCESS");
    CHECK(found.expires == from_iso8601("2026-11-23T01:00:00Z"));
    CHECK(machine.host.processes.requests.back().command ==
          std::vector<std::string>{"/opt/get-keys", "two words", "--x", "a \"b\"", "c d"});
    machine.files("[profile work]\ncredential_process = x\n", two_profiles);
    CHECK(machine.key() == "AKIDWORK");
}

TEST_CASE("credentials: a credential_process that fails is an error without its output") {
    Machine machine;
    machine.files("[default]\ncredential_process = /opt/get-keys\n");
    machine.host.processes.handler = [](const ProcessRequest&) {
        ProcessResult result;
        result.exit_code = 3;
        result.error_output = "not logged in";
        return result;
    };
    CHECK(machine.failure().message().find("not logged in") != std::string::npos);
    machine.host.processes.handler = [](const ProcessRequest&) {
        ProcessResult result;
        result.exit_code = 0;
        result.output = "SecretAccessKey=leaked-value";
        return result;
    };
    CHECK(std::string(machine.failure().what()).find("leaked-value") == std::string::npos);
}

TEST_CASE("credentials: assume-role with a source profile and a chain of roles") {
    Machine machine;
    machine.sts("AKIDROLE");
    machine.files(
        "[profile role]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = work\nexternal_id = ext\n"
        "role_session_name = me\nduration_seconds = 900\n"
        "[profile chained]\nrole_arn = arn:aws:iam::1:role/two\nsource_profile = role\n",
        two_profiles);
    machine.host.system.environment["AWS_PROFILE"] = "role";
    CHECK(machine.key() == "AKIDROLE");
    HttpRequest asked = machine.last_sts();
    CHECK(aws_test::form(asked, "Action") == "AssumeRole");
    CHECK(aws_test::form(asked, "RoleArn") == "arn:aws:iam::1:role/one");
    CHECK(aws_test::form(asked, "RoleSessionName") == "me");
    CHECK(aws_test::form(asked, "ExternalId") == "ext");
    CHECK(aws_test::form(asked, "DurationSeconds") == "900");
    CHECK(asked.headers.get("Authorization").find("Credential=AKIDWORK/") != std::string::npos);
    machine.host.system.environment["AWS_PROFILE"] = "chained";
    CHECK(machine.find().key.session_token.expose() == "sts-token");
    asked = machine.last_sts();
    CHECK(aws_test::form(asked, "RoleArn") == "arn:aws:iam::1:role/two");
    CHECK(asked.headers.get("Authorization").find("Credential=AKIDROLE/") != std::string::npos);
    // The role comes before the profile's own keys.
    machine.files("[profile both]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = both\n",
                  "[both]\naws_access_key_id = AKIDBOTH\naws_secret_access_key = s\n");
    machine.host.system.environment["AWS_PROFILE"] = "both";
    CHECK(machine.key() == "AKIDROLE");
    CHECK(machine.last_sts().headers.get("Authorization").find("Credential=AKIDBOTH/") != std::string::npos);
}

TEST_CASE("credentials: what is wrong with a role is said") {
    Machine machine;
    machine.host.system.environment["AWS_PROFILE"] = "a";
    const auto says = [&machine](const std::string& config, const std::string& part) {
        machine.files(config);
        CHECK(machine.failure().message().find(part) != std::string::npos);
    };
    says("[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
         "leads back");
    says("[profile a]\nrole_arn = r\nsource_profile = gone\n", "does not exist");
    says("[profile a]\nrole_arn = r\nsource_profile = b\ncredential_source = Environment\n[profile b]\n",
         "both");
    says("[profile a]\nrole_arn = r\ncredential_source = Nowhere\n", "Nowhere");
    says("[profile a]\nrole_arn = r\nsource_profile = b\nmfa_serial = arn\n[profile b]\n", "one-time code");
    says("[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nregion = x\n",
         "no credentials to assume");
    says("[profile b]\n", "there is no AWS profile 'a'");
}

TEST_CASE("credentials: credential_source asks the environment or the machine") {
    Machine machine;
    machine.sts("AKIDROLE");
    machine.files("[profile a]\nrole_arn = arn:r\ncredential_source = Environment\n");
    machine.project_profile = "a";
    machine.host.system.environment = {{"AWS_ACCESS_KEY_ID", "AKIDENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
    CHECK(machine.key() == "AKIDROLE");
    CHECK(machine.last_sts().headers.get("Authorization").find("Credential=AKIDENV/") != std::string::npos);
}

TEST_CASE("credentials: web identity by variables and by profile is not signed") {
    Machine machine;
    machine.sts("AKIDWEB");
    machine.host.system.files["/run/token"] = "the-oidc-token\n";
    machine.host.system.environment = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"},
                                       {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"},
                                       {"AWS_ROLE_SESSION_NAME", "ci"}};
    CHECK(machine.key() == "AKIDWEB");
    const HttpRequest asked = machine.last_sts();
    CHECK(aws_test::form(asked, "Action") == "AssumeRoleWithWebIdentity");
    CHECK(aws_test::form(asked, "WebIdentityToken") == "the-oidc-token");
    CHECK_FALSE(asked.headers.has("Authorization"));
    machine.host.system.environment = {};
    machine.files("[default]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /run/token\n");
    CHECK(machine.key() == "AKIDWEB");
    CHECK(aws_test::form(machine.last_sts(), "RoleArn") == "arn:aws:iam::1:role/x");
    machine.host.system.files.erase("/run/token");
    CHECK(machine.failure().message().find("/run/token") != std::string::npos);
}

TEST_CASE("credentials: container with its token and never to a stranger") {
    Machine machine;
    const std::string keys =
        R"({"AccessKeyId":"AKIDECS","SecretAccessKey":"e","Token":"t","Expiration":"2026-11-23T06:00:00Z"})";
    machine.host.http.on("GET http://169.254.170.2/v2/creds", reply(200, keys));
    machine.host.http.on("GET http://127.0.0.1:99/creds", reply(200, keys));
    machine.host.system.environment = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/creds"}};
    CHECK(machine.key() == "AKIDECS");
    machine.host.system.environment = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:99/creds"},
                                       {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/pod"}};
    machine.host.system.files["/run/pod"] = "pod-token\n";
    CHECK(machine.key() == "AKIDECS");
    CHECK(machine.host.http.requests().back().headers.get("Authorization") == "pod-token");
    machine.host.system.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/creds";
    CHECK(machine.failure().message().find("example.com") != std::string::npos);
}

TEST_CASE("credentials: instance metadata with a session token") {
    Machine machine;
    machine.host.http.on("PUT http://169.254.169.254/latest/api/token", reply(200, "imds-token"));
    machine.host.http.on("GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
                         reply(200, "my-role\n"));
    machine.host.http.on(
        "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role",
        reply(
            200,
            R"({"AccessKeyId":"AKIDEC2","SecretAccessKey":"e","Token":"t","Expiration":"2026-11-23T06:00:00Z"})"));
    CHECK(machine.key() == "AKIDEC2");
    CHECK(machine.host.http.requests().back().headers.get("x-aws-ec2-metadata-token") == "imds-token");
    machine.host.system.environment["AWS_EC2_METADATA_DISABLED"] = "true";
    CHECK(machine.failure().message().find("AWS_EC2_METADATA_DISABLED") != std::string::npos);
}

TEST_CASE("credentials: nothing found names every step") {
    Machine machine;
    machine.files("[default]\nsso_session = corp\n");
    const Error failure = machine.failure();
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    for (const char* step :
         {"AWS_ACCESS_KEY_ID", "assumes no role", "web identity", "IAM Identity Center", ".aws/credentials",
          "credential_process", ".aws/config", "container", "instance metadata"})
        CHECK(failure.message().find(step) != std::string::npos);
    CHECK(failure.hint().find("aws configure") != std::string::npos);
    machine.host.system.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://x";
    CHECK(machine.failure().hint().find("configure-aws-credentials") != std::string::npos);
}

TEST_CASE("credentials: they are found once and renewed before they expire") {
    aws_test::World world;
    world.host.system.environment = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c"}};
    int given = 0;
    world.host.http.on("GET http://169.254.170.2/c", [&](const HttpRequest&) {
        ++given;
        return reply(200, R"({"AccessKeyId":"AKID)" + std::to_string(given) +
                              R"(","SecretAccessKey":"e","Token":"t","Expiration":")" +
                              to_iso8601(world.host.clock.system_now() + std::chrono::hours(1)) + R"("})");
    });
    world.deploy();
    CHECK(given == 1);
    world.host.clock.advance(std::chrono::minutes(56));
    world.deploy();
    CHECK(given == 2);
    SUBCASE("and once more when AWS says that they have expired") {
        world.host.http.once("GET *gate-thumbnail", aws_test::error(403, "ExpiredTokenException", "expired"));
        world.deploy();
        CHECK(given == 3);
    }
}

TEST_CASE("credentials: expired ones that cannot be renewed are an error that says what to do") {
    aws_test::World world;
    world.host.http.on("GET *gate-thumbnail", aws_test::error(403, "ExpiredTokenException", "expired"));
    const Error failure = world.deploy_error();
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    CHECK(failure.hint().find("AWS_SESSION_TOKEN") != std::string::npos);
}
