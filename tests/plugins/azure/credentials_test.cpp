// SPDX-License-Identifier: Apache-2.0
#include "plugins/azure/world.hpp"

#include "credentials/chain.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using testing::reply;

namespace {

/// A machine without anything; `find` says which token is used, or fails.
struct Machine {
    testing::FakeHost host;

    Machine() {
        host.http.on("* http://169.254.169.254*", [](const HttpRequest&) -> HttpResponse {
            throw Error(ErrorKind::timeout, "no answer");
        });
        host.http.on("POST https://login.microsoftonline.com/T/oauth2/v2.0/token",
                     reply(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"entra-token"})"));
    }
    std::map<std::string, std::string>& environment() { return host.system.environment; }
    void application() {
        environment()["AZURE_TENANT_ID"] = "T";
        environment()["AZURE_CLIENT_ID"] = "C";
    }
    azure::Token find() {
        StageContext context = host.context();
        const azure::Endpoints endpoints = azure::resolve_endpoints(host.system, "");
        return host.run(azure::find_token({context, endpoints, endpoints.manager_scope(), {}}));
    }
    Error failure() {
        try {
            find();
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("credentials were found");
    }
    std::string form() { return std::string(host.http.requests("POST https://login.*").back().body.view()); }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("azure credentials: a client secret") {
    Machine machine;
    machine.application();
    machine.environment()["AZURE_CLIENT_SECRET"] = "se+cret/1";
    const azure::Token token = machine.find();
    CHECK(token.text.expose() == "entra-token");
    CHECK(*token.expires - machine.host.clock.system_now() == std::chrono::seconds(3599));
    CHECK(machine.form() == "client_id=C&scope=https%3A%2F%2Fmanagement.azure.com%2F.default&grant_type="
                            "client_credentials&client_secret=se%2Bcret%2F1");
    machine.environment().erase("AZURE_TENANT_ID");
    CHECK(machine.failure().hint() == "set AZURE_TENANT_ID");
}

TEST_CASE("azure credentials: a wrong secret is told with what to check and not shown") {
    Machine machine;
    machine.application();
    machine.environment()["AZURE_CLIENT_SECRET"] = "wrong-secret-value";
    machine.host.http.on(
        "POST https://login.microsoftonline.com/*",
        reply(401, R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client )"
                   R"(secret provided: wrong-secret-value. Trace ID: 1\r\nmore","error_codes":[7000215]})"));
    const Error failure = machine.failure();
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    CHECK(has(failure.hint(), "AZURE_CLIENT_SECRET"));
    CHECK(failure.provider_code() == "invalid_client");
    CHECK_FALSE(has(failure.what(), "wrong-secret-value"));
    CHECK(machine.host.http.count("POST https://login.*") == 1);
}

TEST_CASE("azure credentials: Entra ID that has a moment of weakness is asked again") {
    Machine machine;
    machine.application();
    machine.environment()["AZURE_CLIENT_SECRET"] = "secret-value";
    machine.host.http.once("POST https://login.*", reply(503, "busy"));
    machine.host.http.once("POST https://login.*", reply(429, "{}", {{"Retry-After", "2"}}));
    CHECK(machine.find().text.expose() == "entra-token");
}

TEST_CASE("azure credentials: a federated token from a file and from GitHub") {
    Machine machine;
    machine.application();
    machine.environment()["AZURE_FEDERATED_TOKEN_FILE"] = "/var/token";
    CHECK(has(machine.failure().message(), "/var/token"));
    machine.host.system.files["/var/token"] = "aaa.bbb.ccc\n";
    machine.find();
    CHECK(has(machine.form(),
              "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"));
    CHECK(has(machine.form(), "client_assertion=aaa.bbb.ccc"));

    Machine github;
    github.application();
    github.environment()["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://pipelines.example/token?x=1";
    github.environment()["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "runner-token";
    github.host.http.on("GET https://pipelines.example/*", reply(200, R"({"value":"g.h.i"})"));
    CHECK(github.find().source == "id token of GitHub Actions");
    const HttpRequest asked = github.host.http.requests("GET https://pipelines.example/*").back();
    CHECK(asked.url.target == "/token?x=1&audience=api%3A%2F%2FAzureADTokenExchange");
    CHECK(asked.headers.get("Authorization") == "Bearer runner-token");
    CHECK(has(github.form(), "client_assertion=g.h.i"));
}

TEST_CASE("azure credentials: managed identities") {
    Machine service;
    service.environment()["IDENTITY_ENDPOINT"] = "http://127.0.0.1:41741/msi/token";
    service.environment()["IDENTITY_HEADER"] = "header-proof";
    service.environment()["AZURE_CLIENT_ID"] = "mine";
    service.host.http.on("GET http://127.0.0.1:41741/*",
                         reply(200, R"({"access_token":"msi","expires_on":"1795392000"})"));
    const azure::Token token = service.find();
    CHECK(token.text.expose() == "msi");
    CHECK(to_iso8601(*token.expires) == "2026-11-23T00:00:00Z");
    const HttpRequest asked = service.host.http.requests("GET http://127.0.0.1*").back();
    CHECK(asked.headers.get("X-IDENTITY-HEADER") == "header-proof");
    CHECK(asked.url.target ==
          "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"
          "&client_id=mine");

    Machine machine;
    machine.host.http.on("GET http://169.254.169.254/*",
                         reply(200, R"({"access_token":"vm","expires_in":"600"})"));
    CHECK(machine.find().source == "managed identity of the virtual machine");
    CHECK(machine.host.http.requests("GET http://169.254*").back().headers.get("Metadata") == "true");
}

TEST_CASE("azure credentials: the Azure CLI") {
    Machine machine;
    machine.host.processes.handler = [](const ProcessRequest& request) {
        CHECK(request.command[0] == "az");
        return ProcessResult{0, 0, R"({"accessToken":"cli","expires_on":1795392000,"subscription":"sub-1"})",
                             "", false};
    };
    const azure::Token token = machine.find();
    CHECK(token.text.expose() == "cli");
    CHECK(token.subscription == "sub-1");
    machine.host.processes.handler = [](const ProcessRequest&) {
        return ProcessResult{1, 0, "", "ERROR: Please run 'az login' to setup account.\n", false};
    };
    CHECK(has(machine.failure().message(), "Please run 'az login'"));
}

TEST_CASE("azure credentials: nothing at all tells every step") {
    Machine machine;
    const Error failure = machine.failure();
    CHECK(failure.kind() == ErrorKind::unauthenticated);
    for (const char* part : {"AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "GitHub",
                             "IDENTITY_ENDPOINT", "instance metadata", "(az)"})
        CHECK_MESSAGE(has(failure.message(), part), part);
    CHECK(has(failure.hint(), "az login"));
    CHECK(azure::credential_sources().size() == 6);
}

TEST_CASE("azure credentials: AZURE_TOKEN_CREDENTIALS narrows the chain") {
    Machine machine;
    machine.application();
    machine.environment()["AZURE_CLIENT_SECRET"] = "secret-value";
    machine.environment()["AZURE_TOKEN_CREDENTIALS"] = "dev";
    CHECK_FALSE(has(machine.failure().message(), "AZURE_CLIENT_SECRET"));
    machine.environment()["AZURE_TOKEN_CREDENTIALS"] = "EnvironmentCredential";
    CHECK(machine.find().text.expose() == "entra-token");
    machine.environment()["AZURE_TOKEN_CREDENTIALS"] = "Nonsense";
    CHECK(has(machine.failure().hint(), "AzureCliCredential"));
}

TEST_CASE("azure endpoints: clouds and overrides and what may get a token") {
    Machine machine;
    const auto resolve = [&](const std::string& setting) {
        return azure::resolve_endpoints(machine.host.system, setting);
    };
    CHECK(resolve("").manager.str() == "https://management.azure.com/");
    CHECK(resolve("https://proxy.example/arm").of_manager("/subscriptions?x").str() ==
          "https://proxy.example/arm/subscriptions?x");
    CHECK_THROWS_AS(resolve("http://proxy.example"), Error); // tokens in the clear
    machine.environment()["AZURE_AUTHORITY_HOST"] = "login.microsoftonline.us";
    CHECK(resolve("").manager_scope() == "https://management.usgovcloudapi.net/.default");
    CHECK(resolve("").is_site_host("app.azurewebsites.us"));
    machine.environment()["AZURE_RESOURCE_MANAGER_ENDPOINT"] = "http://127.0.0.1:8080/management.azure.com";
    const azure::Endpoints local = resolve("https://not.this");
    CHECK(local.loopback);
    CHECK(local.at("app.azurewebsites.us", "/api/f").str() ==
          "http://127.0.0.1:8080/app.azurewebsites.us/api/f");
    CHECK(local.is_manager(Url::parse("http://127.0.0.1:8080/management.azure.com/subscriptions/x")));
    CHECK_FALSE(local.is_manager(Url::parse("http://127.0.0.1:8080/elsewhere/x")));
    CHECK_FALSE(local.is_manager(Url::parse("http://127.0.0.1:8081/management.azure.com/x")));
    CHECK_FALSE(local.is_site_host("evil.example/x.azurewebsites.us"));
    CHECK_FALSE(local.is_site_host("azurewebsites.us.evil.example"));
}
