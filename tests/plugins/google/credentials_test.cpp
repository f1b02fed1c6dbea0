// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"
#include "credentials/tokens.hpp"
#include "plugins/google/world.hpp"

#include "pyfops/sdk/jwt.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace pyfops;
using google_test::form;
using testing::reply;

namespace {

constexpr const char* adc = "/home/user/.config/gcloud/application_default_credentials.json";
constexpr const char* user_file =
    R"({"type":"authorized_user","client_id":"cid","client_secret":"csecret-value",)"
    R"("refresh_token":"refresh-value","quota_project_id":"quota-1"})";
constexpr const char* federation_file =
    R"({"type":"external_account","audience":"//iam.googleapis.com/projects/1/p","subject_token_type":)"
    R"("urn:ietf:params:oauth:token-type:jwt","token_url":"https://sts.googleapis.com/v1/token",)"
    R"("service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/)"
    R"(ci@proj-9.iam.gserviceaccount.com:generateAccessToken","credential_source":)";

/// A machine without anything; the tests put credentials on it.
struct Machine {
    testing::FakeHost host;
    google::Transport transport;

    Machine() {
        host.http.on("* http://metadata.google.internal/*", [](const HttpRequest&) -> HttpResponse {
            throw Error(ErrorKind::unavailable, "no such name");
        });
        host.http.on("POST https://oauth2.googleapis.com/token", google_test::exchange_assertion);
    }
    void set(const std::string& file) {
        host.system.environment["GOOGLE_APPLICATION_CREDENTIALS"] = "/c.json";
        host.system.files["/c.json"] = file;
    }
    google::Credentials find() {
        StageContext context = host.context();
        return host.run(google::find_credentials(google::Search{context}));
    }
    std::string access() {
        StageContext context = host.context();
        google::TokenMaker maker{transport, context};
        return host.run(maker.access_token(std::make_shared<const google::Credentials>(find())))
            .value.expose();
    }
    std::string id(const std::string& audience) {
        StageContext context = host.context();
        google::TokenMaker maker{transport, context};
        return host.run(maker.id_token(std::make_shared<const google::Credentials>(find()), audience))
            .value.expose();
    }
    template <class F>
    Error failure(F action) {
        try {
            action();
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("it went well");
    }
    std::string project(const std::string& setting = {}) {
        StageContext context = host.context();
        const google::Credentials found = find();
        return host.run(google::find_project(context, setting, found));
    }
    /// STS and the credentials API, as the reference has them.
    void federation() {
        host.http.on("POST https://sts.googleapis.com/v1/token", [](const HttpRequest& request) {
            if (form(request, "subject_token") != "subject-token-value")
                return reply(400, R"({"error":"invalid_grant","error_description":"bad subject"})");
            return reply(200,
                         R"({"access_token":"federated-token","expires_in":3600,"token_type":"Bearer"})");
        });
        host.http.on("POST https://iamcredentials.googleapis.com/*", [](const HttpRequest& request) {
            const bool federated = request.headers.get("Authorization") == "Bearer federated-token";
            const bool user = request.headers.get("Authorization") == "Bearer user-token";
            if (!federated && !user) return google_test::error(401, "UNAUTHENTICATED", "no");
            if (request.url.target.ends_with(":generateIdToken"))
                return reply(200,
                             json::serialize(json::object{
                                 {"token", "id-for-" + string_or(google_test::body(request), "audience")}}));
            return reply(200, R"({"accessToken":"impersonated-token","expireTime":"2026-11-23T01:00:00Z"})");
        });
    }
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("credentials: none at all names every step") {
    Machine machine;
    const Error failure = machine.failure([&] { machine.find(); });
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    CHECK(contains(failure.message(), "GOOGLE_APPLICATION_CREDENTIALS is not set"));
    CHECK(contains(failure.message(), adc));
    CHECK(contains(failure.message(), "metadata server does not answer"));
    CHECK(contains(failure.hint(), "gcloud auth application-default login"));
    machine.host.system.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://x";
    CHECK(contains(machine.failure([&] { machine.find(); }).hint(), "google-github-actions/auth"));
    machine.host.system.environment["NO_GCE_CHECK"] = "true";
    const auto asked = machine.host.http.requests().size();
    CHECK(contains(machine.failure([&] { machine.find(); }).message(), "turned off"));
    CHECK(machine.host.http.requests().size() == asked);
}

TEST_CASE("credentials: the variable before gcloud's file before the metadata server") {
    Machine machine;
    machine.host.system.files[adc] = user_file;
    CHECK(contains(machine.find().source, "(user)"));
    machine.set(google_test::key_file());
    CHECK(machine.find().source == "GOOGLE_APPLICATION_CREDENTIALS (service account)");
    machine.host.system.environment["GOOGLE_APPLICATION_CREDENTIALS"] = "/missing.json";
    CHECK(contains(machine.failure([&] { machine.find(); }).message(), "/missing.json"));
    machine.host.system.environment["GOOGLE_APPLICATION_CREDENTIALS"] = ""; // as if it were not set
    machine.host.system.environment["CLOUDSDK_CONFIG"] = "/sdk";
    machine.host.system.files["/sdk/application_default_credentials.json"] = google_test::key_file();
    CHECK(machine.find().principal == "deployer@proj-1.iam.gserviceaccount.com");
}

TEST_CASE("credentials: files that cannot be used are told without their content") {
    Machine machine;
    const std::pair<std::string, std::string> rows[] = {
        {"not json, secret-material", "is not JSON"},
        {R"({"type":"gdch_service_account"})", "of type 'gdch_service_account'"},
        {R"({"type":"service_account","client_email":"a@b.c"})", "has no 'private_key'"},
        {R"({"type":"service_account","client_email":"a@b.c","private_key":"secret-material","token_uri":"http://evil.example/"})",
         "'token_uri' is no https URL"},
        {R"({"type":"authorized_user","client_id":"x","client_secret":"secret-material"})",
         "has no 'refresh_token'"},
        {std::string(federation_file) + R"({"executable":{"command":"secret-material"}}})", "from a program"},
        {std::string(federation_file) + R"({"url":"http://evil.example/secret-material"}})",
         "is no https URL"},
        {R"({"type":"service_account","client_email":"a@b.c","private_key":"secret-material","universe_domain":"other.example"})",
         "universe 'other.example'"}};
    for (const auto& [file, says] : rows) {
        CAPTURE(file);
        machine.set(file);
        const Error failure = machine.failure([&] { machine.find(); });
        CHECK(failure.kind() == ErrorKind::unauthenticated);
        CHECK(contains(failure.what(), says));
        CHECK_FALSE(contains(failure.what(), "secret-material"));
    }
}

TEST_CASE("credentials: a service account signs for access tokens and ID tokens") {
    Machine machine;
    machine.set(google_test::key_file());
    CHECK(machine.access() == "access-token-value");
    const auto claims = sdk::decode_jwt(form(machine.host.http.requests().back(), "assertion"));
    CHECK(string_or(claims.header, "kid") == "key-1");
    CHECK(string_or(claims.claims, "iss") == "deployer@proj-1.iam.gserviceaccount.com");
    CHECK(string_or(claims.claims, "scope") == "https://www.googleapis.com/auth/cloud-platform");
    CHECK(machine.id("https://r-p.cloudfunctions.net/f") == "id-token-for-https://r-p.cloudfunctions.net/f");
    const auto second = sdk::decode_jwt(form(machine.host.http.requests().back(), "assertion"));
    CHECK_FALSE(second.claims.contains("scope"));

    machine.host.http.on(
        "POST https://oauth2.googleapis.com/token",
        reply(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})"));
    const Error refused = machine.failure([&] { machine.access(); });
    CHECK(refused.kind() == ErrorKind::unauthenticated);
    CHECK(contains(refused.hint(), "make a new one"));
    machine.host.http.on(
        "POST https://oauth2.googleapis.com/token",
        reply(400, R"({"error":"invalid_grant","error_description":"Invalid JWT: Token must be a )"
                   R"(short-lived token. Check your iat and exp values"})"));
    CHECK(contains(machine.failure([&] { machine.access(); }).hint(), "clock"));
}

TEST_CASE("credentials: a wrong clock is corrected once by Google's") {
    Machine machine;
    machine.set(google_test::key_file());
    const SystemTime now = machine.host.clock.system_now();
    const auto refusal = [&](SystemTime theirs) {
        return reply(400,
                     R"({"error":"invalid_grant","error_description":"Invalid JWT: Token must be a )"
                     R"(short-lived token. Check your iat and exp values"})",
                     {{"Date", to_http_date(theirs)}});
    };
    const auto signed_at = [&] {
        const auto assertion = sdk::decode_jwt(form(machine.host.http.requests().back(), "assertion"));
        return SystemTime(std::chrono::seconds(integer_or(assertion.claims, "iat")));
    };
    SUBCASE("which is ten minutes ahead") {
        const SystemTime theirs = now + std::chrono::minutes(10);
        machine.host.http.once("POST https://oauth2.googleapis.com/token", refusal(theirs));
        CHECK_FALSE(machine.access().empty());
        CHECK(signed_at() - theirs < std::chrono::seconds(2));
        CHECK(theirs - signed_at() < std::chrono::seconds(2));
    }
    SUBCASE("but not when it is right") {
        machine.host.http.on("POST https://oauth2.googleapis.com/token", refusal(now));
        CHECK(machine.failure([&] { machine.access(); }).kind() == ErrorKind::unauthenticated);
        CHECK(machine.host.http.count("POST https://oauth2.googleapis.com/token") == 1);
    }
}

TEST_CASE("credentials: a key that is none is not shown") {
    Machine machine;
    machine.set(R"({"type":"service_account","client_email":"a@p-1.iam.gserviceaccount.com","private_key":)"
                R"("-----BEGIN PRIVATE KEY-----\nsecret-material\n-----END PRIVATE KEY-----\n"})");
    const Error failure = machine.failure([&] { machine.access(); });
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    CHECK(contains(failure.hint(), "make a new key"));
    CHECK_FALSE(contains(failure.what(), "secret-material"));
}

TEST_CASE("credentials: a user's login is refreshed") {
    Machine machine;
    machine.host.system.files[adc] = user_file;
    machine.host.http.on("POST https://oauth2.googleapis.com/token", [](const HttpRequest& request) {
        if (form(request, "grant_type") != "refresh_token" ||
            form(request, "refresh_token") != "refresh-value" ||
            form(request, "client_secret") != "csecret-value" || form(request, "client_id") != "cid")
            return reply(
                400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})");
        return reply(200, R"({"access_token":"user-token","expires_in":3599})");
    });
    CHECK(machine.access() == "user-token");
    const Error failure = machine.failure([&] { machine.id("https://x.run.app"); });
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    CHECK(contains(failure.hint(), "providers.google.public"));
    machine.host.http.on(
        "POST https://oauth2.googleapis.com/token",
        reply(200, R"({"access_token":"user-token","id_token":"users-own","expires_in":3599})"));
    CHECK(machine.id("https://x.run.app") == "users-own");
    machine.host.http.on(
        "POST https://oauth2.googleapis.com/token",
        reply(400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})"));
    CHECK(contains(machine.failure([&] { machine.access(); }).hint(), "login' again"));
}

TEST_CASE("credentials: another issuer's token becomes a service account's") {
    Machine machine;
    machine.federation();
    SUBCASE("from a file") {
        machine.set(std::string(federation_file) + R"({"file":"/token"}})");
        machine.host.system.files["/token"] = "subject-token-value\n";
    }
    SUBCASE("from a JSON file") {
        machine.set(std::string(federation_file) +
                    R"({"file":"/token","format":{"type":"json","subject_token_field_name":"jwt"}}})");
        machine.host.system.files["/token"] = R"({"jwt":"subject-token-value"})";
    }
    SUBCASE("from a URL as GitHub gives it") {
        machine.set(std::string(federation_file) +
                    R"({"url":"https://actions.example/token?x=1","headers":{"Authorization":"Bearer gh"},)"
                    R"("format":{"type":"json","subject_token_field_name":"value"}}})");
        machine.host.http.on("GET https://actions.example/token?x=1", [](const HttpRequest& request) {
            return request.headers.get("Authorization") == "Bearer gh"
                       ? reply(200, R"({"value":"subject-token-value"})")
                       : reply(401);
        });
    }
    CHECK(machine.find().principal == "ci@proj-9.iam.gserviceaccount.com");
    CHECK(machine.access() == "impersonated-token");
    const auto exchange = machine.host.http.requests("POST https://sts.*").back();
    CHECK(form(exchange, "audience") == "//iam.googleapis.com/projects/1/p");
    CHECK(form(exchange, "grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange");
    CHECK_FALSE(exchange.headers.has("Authorization"));
    CHECK(machine.id("https://f") == "id-for-https://f");
    CHECK(machine.project() == "proj-9");
}

TEST_CASE("credentials: a token that is not there is told") {
    Machine machine;
    machine.set(std::string(federation_file) + R"({"file":"/token"}})");
    CHECK(contains(machine.failure([&] { machine.access(); }).message(), "/token does not exist"));
    machine.host.system.files["/token"] = " \n";
    CHECK(contains(machine.failure([&] { machine.access(); }).message(), "holds no identity token"));
}

TEST_CASE("credentials: one account becomes another") {
    Machine machine;
    machine.federation();
    machine.host.http.on("POST https://oauth2.googleapis.com/token",
                         reply(200, R"({"access_token":"user-token","expires_in":3599})"));
    machine.set(
        std::string(R"({"type":"impersonated_service_account","service_account_impersonation_url":)") +
        R"("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b@p-2.iam.gserviceaccount.com)" +
        R"(:generateAccessToken","delegates":["projects/-/serviceAccounts/d"],"source_credentials":)" +
        user_file + "}");
    CHECK(machine.access() == "impersonated-token");
    CHECK(json::serialize(google_test::body(machine.host.http.requests().back()).at("delegates")) ==
          R"(["projects/-/serviceAccounts/d"])");
    CHECK(machine.id("https://f") == "id-for-https://f");
}

TEST_CASE("credentials: the machine's own account") {
    Machine machine;
    machine.host.system.environment["GCE_METADATA_HOST"] = "10.0.0.1:8080";
    machine.host.http.on("GET http://10.0.0.1:8080/computeMetadata/v1/*", [](const HttpRequest& request) {
        const std::vector<std::pair<std::string, std::string>> flavor{{"Metadata-Flavor", "Google"}};
        if (request.headers.get("Metadata-Flavor") != "Google") return reply(403);
        const std::string& path = request.url.target;
        if (path.ends_with("/email")) return reply(200, "vm@p-3.iam.gserviceaccount.com\n", flavor);
        if (path.ends_with("/token"))
            return reply(200, R"({"access_token":"vm-token","expires_in":3000})", flavor);
        if (path.ends_with("project-id")) return reply(200, "p-3", flavor);
        if (path.find("identity?audience=https%3A%2F%2Ff&format=full") != std::string::npos)
            return reply(200, "vm-id-token", flavor);
        return reply(404, "", flavor);
    });
    CHECK(machine.find().principal == "vm@p-3.iam.gserviceaccount.com");
    CHECK(machine.access() == "vm-token");
    CHECK(machine.id("https://f") == "vm-id-token");
    CHECK(machine.project() == "p-3");
    // A captive portal is no metadata server.
    machine.host.http.on("GET http://10.0.0.1:8080/*", reply(200, "welcome"));
    CHECK(contains(machine.failure([&] { machine.find(); }).message(), "is not Google's"));
}

TEST_CASE("project: setting and variables and credentials and gcloud's configuration in this order") {
    Machine machine;
    machine.set(user_file);
    auto& environment = machine.host.system.environment;
    CHECK(machine.project() == "quota-1");
    machine.host.system.files["/home/user/.config/gcloud/active_config"] = "work\n";
    machine.host.system.files["/home/user/.config/gcloud/configurations/config_work"] =
        "[compute]\nproject = wrong\n[core]\naccount = a@b.c\nproject = from-gcloud\n";
    CHECK(machine.project() == "from-gcloud");
    environment["CLOUDSDK_CORE_PROJECT"] = "from-sdk";
    CHECK(machine.project() == "from-sdk");
    environment["GCLOUD_PROJECT"] = "from-old";
    CHECK(machine.project() == "from-old");
    environment["GOOGLE_CLOUD_PROJECT"] = "from-variable";
    CHECK(machine.project() == "from-variable");
    CHECK(machine.project("from-setting") == "from-setting");
    Machine bare;
    bare.set(R"({"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"})");
    const Error failure = bare.failure([&] { bare.project(); });
    CHECK(failure.kind() == ErrorKind::invalid_input);
    CHECK(contains(failure.hint(), "GOOGLE_CLOUD_PROJECT"));
}

TEST_CASE("account: the project and whose credentials they are and one token for all") {
    google_test::World world;
    StageContext context = world.host.context();
    const Account account = world.host.run(world.provider.account({}, "europe-west1", context));
    CHECK(account.id == "proj-1");
    CHECK(account.principal == "deployer@proj-1.iam.gserviceaccount.com");
    CHECK(account.source == "GOOGLE_APPLICATION_CREDENTIALS (service account)");
    world.deploy();
    CHECK(world.host.http.count("POST https://oauth2.googleapis.com/token") == 1);
    world.host.clock.advance(std::chrono::minutes(58));
    world.deploy();
    CHECK(world.host.http.count("POST https://oauth2.googleapis.com/token") == 2);
}

TEST_CASE("account: a token that was revoked is replaced once") {
    google_test::World world;
    world.host.http.once("GET https://cloudfunctions.googleapis.com/*",
                         google_test::error(401, "UNAUTHENTICATED", "expired"));
    CHECK(world.deploy().action == DeployAction::created);
    CHECK(world.host.http.count("POST https://oauth2.googleapis.com/token") == 2);
}
