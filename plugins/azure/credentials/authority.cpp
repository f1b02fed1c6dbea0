// SPDX-License-Identifier: Apache-2.0
// Tokens of Microsoft Entra ID for an application: by its secret, or by another issuer's token about it.
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/rest.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/text.hpp"

namespace pyfops::azure {
namespace {

constexpr const char* assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr const char* exchange_audience = "api://AzureADTokenExchange";

struct Application {
    std::string tenant, client;
};

std::optional<Application> application(Search& search, const std::string& purpose) {
    const auto tenant = search.variable("AZURE_TENANT_ID");
    const auto client = search.variable("AZURE_CLIENT_ID");
    if (tenant && client) return Application{*tenant, *client};
    const std::string missing = tenant ? "AZURE_CLIENT_ID" : "AZURE_TENANT_ID";
    throw Error(ErrorKind::unauthenticated, purpose + " is set, " + missing + " is not")
        .hint("set " + missing);
}

std::string hint_for(const std::string& description) {
    const auto has = [&description](const char* code) { return description.find(code) != std::string::npos; };
    if (has("AADSTS7000215")) return "check AZURE_CLIENT_SECRET: it is the secret's value, not its id";
    if (has("AADSTS7000222")) return "the secret has expired: make a new one ('az ad app credential reset')";
    if (has("AADSTS700016")) return "check AZURE_CLIENT_ID: the tenant has no such application";
    if (has("AADSTS90002") || has("AADSTS900023")) return "check AZURE_TENANT_ID: there is no such tenant";
    if (has("AADSTS70021") || has("AADSTS700213") || has("AADSTS700211"))
        return "give the application a federated credential for this issuer and subject";
    return "check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret";
}

Verdict judge(const HttpResponse& response, const std::string& source) {
    Verdict verdict;
    if (response.status == 200) return verdict;
    std::string code, description;
    try {
        const json::value body = parse_json(response.body, "error", {.max_bytes = 1u << 20});
        code = string_or(body, "error");
        description = string_or(body, "error_description");
    } catch (const Error&) {
        // Not of Entra ID: the status says enough.
    }
    // The first line says it; the others are times and ids.
    description = excerpt(description.substr(0, description.find_first_of("\r\n")), 400);
    verdict.throttled = response.status == 429;
    verdict.retry = is_retryable_status(response.status) || code == "temporarily_unavailable";
    if (response.status == 403)
        verdict.failure = Error(ErrorKind::forbidden, "Microsoft Entra ID gives the " + source + " no token")
                              .hint("ask the administrator of the tenant what its policies demand");
    else
        verdict.failure =
            verdict.retry
                ? Error(verdict.throttled ? ErrorKind::throttled : ErrorKind::unavailable,
                        "Microsoft Entra ID gives no token at the moment")
                      .hint("run the command again")
                : Error(ErrorKind::unauthenticated, "Microsoft Entra ID does not accept the " + source)
                      .hint(hint_for(description));
    verdict.failure->provider(response.status, code, description);
    return verdict;
}

Task<Token> request_token(Search& search, Application who, sdk::Fields proof, std::string source) {
    sdk::RestCall call;
    call.operation = "entra:GetToken";
    call.method = "POST";
    call.url = search.endpoints.authority;
    std::string prefix(call.url.path());
    while (prefix.ends_with('/'))
        prefix.pop_back();
    call.url.target = prefix + "/" + percent_encode(who.tenant) + "/oauth2/v2.0/token";
    call.headers.set("Content-Type", "application/x-www-form-urlencoded");
    call.headers.set("Accept", "application/json");
    sdk::Fields fields{
        {"client_id", who.client}, {"scope", search.scope}, {"grant_type", "client_credentials"}};
    fields.insert(fields.end(), proof.begin(), proof.end());
    call.body = sdk::form_encode(fields);
    call.idempotent = true;
    call.max_response_bytes = 1u << 20;
    std::function<Verdict(const HttpResponse&)> decide = [source](const HttpResponse& response) {
        return judge(response, source);
    };
    RetryPolicy policy;
    policy.max_attempts = 4;
    Task<HttpResponse> sending =
        sdk::send(search.context, std::move(call), policy, {}, {}, std::move(decide));
    const HttpResponse answer = co_await std::move(sending);
    Token token =
        read_token(answer.body, "the answer of Microsoft Entra ID", search.context.host.clock.system_now());
    token.source = source;
    co_return token;
}

sdk::Fields assertion(const Secret& token) {
    return {{"client_assertion_type", assertion_type}, {"client_assertion", token.expose()}};
}

} // namespace

Task<std::optional<Token>> from_secret(Search& search) {
    const auto text = search.variable("AZURE_CLIENT_SECRET");
    if (!text) {
        search.tried.push_back("AZURE_CLIENT_SECRET is not set");
        co_return std::nullopt;
    }
    const Secret secret(*text);
    const Application who = *application(search, "AZURE_CLIENT_SECRET");
    sdk::Fields proof{{"client_secret", secret.expose()}};
    Task<Token> asking = request_token(search, who, std::move(proof), "client secret of the environment");
    co_return co_await std::move(asking);
}

Task<std::optional<Token>> from_federation(Search& search) {
    const auto path = search.variable("AZURE_FEDERATED_TOKEN_FILE");
    if (!path) {
        search.tried.push_back("AZURE_FEDERATED_TOKEN_FILE is not set");
        co_return std::nullopt;
    }
    const Application who = *application(search, "AZURE_FEDERATED_TOKEN_FILE");
    const auto text = search.system().read_file(*path);
    if (!text)
        throw Error(ErrorKind::unauthenticated,
                    "AZURE_FEDERATED_TOKEN_FILE names " + *path + ", which is not there");
    const Secret token{std::string(trimmed(*text))};
    Task<Token> asking = request_token(search, who, assertion(token), "federated token in " + *path);
    co_return co_await std::move(asking);
}

Task<std::optional<Token>> from_github(Search& search) {
    const auto url = search.variable("ACTIONS_ID_TOKEN_REQUEST_URL");
    const auto request_token_text = search.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    if (!url || !request_token_text || !search.variable("AZURE_CLIENT_ID") ||
        !search.variable("AZURE_TENANT_ID")) {
        search.tried.push_back(url ? "GitHub Actions without AZURE_CLIENT_ID and AZURE_TENANT_ID"
                                   : "not in GitHub Actions with id-token: write");
        co_return std::nullopt;
    }
    const Application who = *application(search, "ACTIONS_ID_TOKEN_REQUEST_URL");
    const Secret bearer(*request_token_text);
    HttpRequest request;
    request.operation = "github:GetIdToken";
    request.url = Url::parse(*url);
    request.url.target += (request.url.query().empty() ? "?" : "&");
    request.url.target += "audience=" + percent_encode(exchange_audience);
    request.headers.set("Authorization", "Bearer " + bearer.expose(), true);
    request.idempotent = true;
    request.secret_answer = true;
    request.max_response_bytes = 1u << 20;
    Host& host = search.context.host;
    Task<HttpResponse> sending = host.http.send(
        std::move(request), search.context.deadline.within(host.clock, std::chrono::seconds(30)));
    const HttpResponse answer = co_await std::move(sending);
    if (answer.status != 200)
        throw Error(ErrorKind::unauthenticated,
                    "GitHub gives no id token: it answered " + std::to_string(answer.status))
            .hint("give the job 'permissions: id-token: write'");
    Secret token;
    try {
        token = Secret(string_or(parse_json(answer.body, "the answer of GitHub"), "value"));
    } catch (const Error&) { // its text may hold the token
    }
    if (token.empty()) throw Error(ErrorKind::unauthenticated, "the answer of GitHub holds no id token");
    Task<Token> asking = request_token(search, who, assertion(token), "id token of GitHub Actions");
    co_return co_await std::move(asking);
}

} // namespace pyfops::azure
