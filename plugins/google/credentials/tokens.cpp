// SPDX-License-Identifier: Apache-2.0
#include "credentials/tokens.hpp"

#include "credentials/chain.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/jwt.hpp"
#include "pyfops/sdk/rest.hpp"

#include <boost/json.hpp>

#include <chrono>

namespace pyfops::google {
namespace {

constexpr const char* scope = "https://www.googleapis.com/auth/cloud-platform";
/// What assertions are for, whatever URL they are posted to (google-auth has it so).
constexpr const char* assertion_audience = "https://oauth2.googleapis.com/token";
constexpr long long lifetime = 3600;

ApiCall form_call(std::string service, std::string operation, Url url, const sdk::Fields& fields = {}) {
    ApiCall call;
    call.service = std::move(service);
    call.operation = std::move(operation);
    call.method = "POST";
    call.url = std::move(url);
    call.headers.set("Content-Type", "application/x-www-form-urlencoded");
    call.body = sdk::form_encode(fields);
    call.max_response_bytes = 1u << 20;
    return call;
}

Token token_of(const json::value& answer, std::string_view member, const Clock& clock,
               const std::string& source) {
    Token token{Secret(string_or(answer, member)), std::nullopt};
    if (token.value.empty())
        throw Error(ErrorKind::unauthenticated, "no token was given for the credentials (" + source + ")");
    token.expires = clock.system_now() + std::chrono::seconds(integer_or(answer, "expires_in", lifetime));
    return token;
}

std::string signed_assertion(const ServiceAccountKey& key, const std::string& claim, const std::string& value,
                             SystemTime time, const std::string& source) {
    const long long now = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
    if (!key.key_id.empty()) header["kid"] = key.key_id;
    const json::object claims{{"iss", key.email},
                              {"aud", assertion_audience},
                              {"iat", now},
                              {"exp", now + lifetime},
                              {claim, value}};
    try {
        return sdk::encode_jwt(
            header, claims, [&key](std::string_view text) { return rsa_sha256_sign(key.private_key, text); });
    } catch (const Error& failure) {
        throw Error(ErrorKind::unauthenticated, "the private key of " + source + " cannot be used")
            .context(failure.message())
            .hint("make a new key for " + key.email);
    }
}

} // namespace

Task<json::value> TokenMaker::post(ApiCall call, Secret token, const Credentials& credentials) {
    CallNote note;
    note.credentials = credentials.source;
    note.principal = credentials.principal;
    const std::string name = call.name();
    Task<HttpResponse> sending =
        transport.send(std::move(call), {}, std::move(token), {}, std::move(note), context);
    const HttpResponse answer = co_await std::move(sending);
    co_return sdk::json_body(answer, name);
}

Task<json::value> TokenMaker::grant(const Credentials& credentials, const ServiceAccountKey& key,
                                    std::string claim, std::string value) {
    ApiCall call = form_call("oauth2", "Token", key.token_uri);
    call.body_at = [&](SystemTime now) {
        return Bytes(
            sdk::form_encode({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                              {"assertion", signed_assertion(key, claim, value, now, credentials.source)}}));
    };
    Task<json::value> posting = post(std::move(call), {}, credentials);
    co_return co_await std::move(posting);
}

Task<json::value> TokenMaker::refresh(const Credentials& credentials, const UserLogin& user) {
    ApiCall call = form_call("oauth2", "Token", user.token_uri,
                             {{"grant_type", "refresh_token"},
                              {"client_id", user.client_id},
                              {"client_secret", user.client_secret.expose()},
                              {"refresh_token", user.refresh_token.expose()}});
    Task<json::value> posting = post(std::move(call), {}, credentials);
    co_return co_await std::move(posting);
}

Task<Token> TokenMaker::federated_token(std::shared_ptr<const Credentials> credentials) {
    const Federation& federation = std::get<Federation>(credentials->kind);
    Task<Secret> fetching = subject_token(*credentials, federation);
    const Secret subject = co_await std::move(fetching);
    ApiCall call = form_call("sts", "ExchangeToken", federation.token_url,
                             {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                              {"audience", federation.audience},
                              {"scope", scope},
                              {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                              {"subject_token_type", federation.subject_token_type},
                              {"subject_token", subject.expose()}});
    Task<json::value> posting = post(std::move(call), {}, *credentials);
    const json::value answer = co_await std::move(posting);
    co_return token_of(answer, "access_token", context.host.clock, credentials->source);
}

/// An access token of another account; with an audience, its ID token.
Task<Token> TokenMaker::impersonate(const Credentials& credentials, Url url,
                                    std::vector<std::string> delegates, Secret token, std::string audience) {
    json::object body;
    json::array chain;
    for (const std::string& one : delegates)
        chain.emplace_back(json::string(one));
    if (!chain.empty()) body["delegates"] = std::move(chain);
    const bool access = audience.empty();
    if (access) {
        body["scope"] = json::array{scope};
        body["lifetime"] = std::to_string(lifetime) + "s";
    } else {
        body["audience"] = audience;
        body["includeEmail"] = true;
        constexpr std::string_view verb = ":generateAccessToken";
        if (!url.target.ends_with(verb))
            throw Error(ErrorKind::unauthenticated,
                        credentials.source + ": the URL of the account to become does not end in " +
                            std::string(verb));
        url.target.replace(url.target.size() - verb.size(), verb.size(), ":generateIdToken");
    }
    ApiCall call;
    call.service = "iamcredentials";
    call.operation = access ? "GenerateAccessToken" : "GenerateIdToken";
    call.method = "POST";
    call.url = std::move(url);
    call.headers.set("Content-Type", "application/json");
    call.body = json::serialize(body);
    Task<json::value> posting = post(std::move(call), std::move(token), credentials);
    const json::value answer = co_await std::move(posting);
    Token made = token_of(answer, access ? "accessToken" : "token", context.host.clock, credentials.source);
    if (const std::string expires = string_or(answer, "expireTime"); !expires.empty())
        made.expires = from_iso8601(expires);
    co_return made;
}

Task<Token> TokenMaker::before_impersonation(std::shared_ptr<const Credentials> credentials) {
    if (const auto* other = std::get_if<Impersonation>(&credentials->kind)) {
        Task<Token> making = access_token(other->source);
        co_return co_await std::move(making);
    }
    Task<Token> making = federated_token(credentials);
    co_return co_await std::move(making);
}

Task<Token> TokenMaker::access_token(std::shared_ptr<const Credentials> credentials) {
    const Clock& clock = context.host.clock;
    const auto* federation = std::get_if<Federation>(&credentials->kind);
    const auto* other = std::get_if<Impersonation>(&credentials->kind);
    if (other || (federation && federation->impersonate)) {
        Task<Token> first = before_impersonation(credentials);
        const Token own = co_await std::move(first);
        const Url url = other ? other->generate_access_token : *federation->impersonate;
        const std::vector<std::string> delegates = other ? other->delegates : std::vector<std::string>();
        Task<Token> becoming = impersonate(*credentials, url, delegates, own.value, {});
        co_return co_await std::move(becoming);
    }
    if (federation) {
        Task<Token> making = federated_token(credentials);
        co_return co_await std::move(making);
    }
    json::value answer;
    if (const auto* key = std::get_if<ServiceAccountKey>(&credentials->kind)) {
        Task<json::value> asking = grant(*credentials, *key, "scope", scope);
        answer = co_await std::move(asking);
    } else if (const auto* user = std::get_if<UserLogin>(&credentials->kind)) {
        Task<json::value> asking = refresh(*credentials, *user);
        answer = co_await std::move(asking);
    } else {
        const std::string base = std::get<Metadata>(credentials->kind).base;
        Task<std::string> asking = ask_metadata(context, base, "instance/service-accounts/default/token");
        const std::string text = co_await std::move(asking);
        answer = parse_json(text, "the metadata server's token", {.max_bytes = 1u << 20});
    }
    co_return token_of(answer, "access_token", clock, credentials->source);
}

Task<Token> TokenMaker::id_token(std::shared_ptr<const Credentials> credentials, std::string audience) {
    const Clock& clock = context.host.clock;
    const auto* federation = std::get_if<Federation>(&credentials->kind);
    const auto* other = std::get_if<Impersonation>(&credentials->kind);
    if (other || (federation && federation->impersonate)) {
        Task<Token> first = before_impersonation(credentials);
        const Token own = co_await std::move(first);
        const Url url = other ? other->generate_access_token : *federation->impersonate;
        const std::vector<std::string> delegates = other ? other->delegates : std::vector<std::string>();
        Task<Token> becoming = impersonate(*credentials, url, delegates, own.value, audience);
        co_return co_await std::move(becoming);
    }
    if (const auto* key = std::get_if<ServiceAccountKey>(&credentials->kind)) {
        Task<json::value> asking = grant(*credentials, *key, "target_audience", audience);
        const json::value answer = co_await std::move(asking);
        co_return token_of(answer, "id_token", clock, credentials->source);
    }
    if (const auto* metadata = std::get_if<Metadata>(&credentials->kind)) {
        const std::string base = metadata->base;
        const std::string path =
            "instance/service-accounts/default/identity?audience=" + percent_encode(audience) +
            "&format=full";
        Task<std::string> asking = ask_metadata(context, base, path);
        const std::string text = co_await std::move(asking);
        co_return Token{Secret(text), clock.system_now() + std::chrono::seconds(lifetime)};
    }
    if (const auto* user = std::get_if<UserLogin>(&credentials->kind)) {
        // Its audience is gcloud's, not the function; Cloud Run takes it from people who may invoke.
        Task<json::value> asking = refresh(*credentials, *user);
        const json::value answer = co_await std::move(asking);
        if (!string_or(answer, "id_token").empty())
            co_return token_of(answer, "id_token", clock, credentials->source);
    }
    throw Error(ErrorKind::unauthenticated,
                "these credentials give no token to call a function with (" + credentials->source + ")")
        .hint("use a service account ('gcloud auth application-default login --impersonate-service-account "
              "ACCOUNT'), or set providers.google.public");
}

} // namespace pyfops::google
