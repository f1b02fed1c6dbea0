// SPDX-License-Identifier: Apache-2.0
#include "code_engine_cloud.hpp"

#include "endpoints.hpp"
#include "errors.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/endpoint.hpp"
#include "pyfops/sdk/rest.hpp"

namespace pyfops::ibm {
namespace {

/// IBM publishes no rates: what keeps a run of many functions from being told 429 all the time.
constexpr Limiter::Rate control_rate{20, 20};

/// One cache entry for each key, without keeping the key.
std::string cache_key(const ServiceConfig& config) {
    return sha256_hex(config.auth_url + "\n" + config.api_key.expose() + "\n" + config.bearer_token.expose());
}

} // namespace

Task<sdk::Expiring<iam::Token>> CodeEngineCloud::exchange(std::shared_ptr<const ServiceConfig> config,
                                                          StageContext& context) {
    if (config->auth == ServiceConfig::Auth::none) co_return sdk::Expiring<iam::Token>{};
    if (config->auth == ServiceConfig::Auth::bearer_token)
        co_return sdk::Expiring<iam::Token>{iam::read_bearer(config->bearer_token), std::nullopt};
    sdk::RestCall call = iam::token_request(*config);
    const CallNote note{call.operation, "", call.url.host, config->source};
    std::function<Verdict(const HttpResponse&)> verdict = [note](const HttpResponse& answer) {
        return judge(answer, note);
    };
    std::function<void(HttpRequest&)> unsigned_request = [](HttpRequest&) {};
    Task<HttpResponse> sending = sdk::send(context, std::move(call), RetryPolicy{}, std::string(),
                                           std::move(unsigned_request), std::move(verdict));
    const HttpResponse answer = co_await std::move(sending);
    iam::Token token =
        iam::read_token(sdk::json_body(answer, "iam:GetToken"), context.host.clock.system_now());
    context.host.log.debug("a token of IBM Cloud for the key of " + config->source);
    const auto expires = token.expires;
    co_return sdk::Expiring<iam::Token>{std::move(token), expires};
}

Task<iam::Token> CodeEngineCloud::token(std::shared_ptr<const ServiceConfig> config, StageContext& context) {
    std::function<Task<sdk::Expiring<iam::Token>>()> make = [this, config, &context] {
        return exchange(config, context);
    };
    Task<iam::Token> getting = tokens_.get(context.host.clock, cache_key(*config), std::move(make));
    co_return co_await std::move(getting);
}

Task<Session> CodeEngineCloud::session(const json::object& settings, std::string region, Realm realm,
                                       StageContext& context) {
    Session session;
    session.settings = read_settings(settings);
    session.region = std::move(region);
    session.config = std::make_shared<const ServiceConfig>(find_service_config(context.host.system));
    if (realm == Realm::local) {
        session.settings.project.clear();
        session.settings.resource_group.clear();
        session.settings.endpoint.clear();
    }
    const std::string& given = session.config->url;
    session.base = code_engine_url(session.region, given.empty() ? session.settings.endpoint : given);
    require_secure(session.base, "the Code Engine host");
    Task<iam::Token> getting = token(session.config, context);
    const iam::Token token = co_await std::move(getting);
    session.account = token.account;
    session.principal = token.principal;
    co_return session;
}

std::string CodeEngineCloud::limit_key(const Session& session, const ApiCall& call, StageContext& context) {
    // An emulator on this machine has no quota to protect; reading is not limited.
    if (sdk::is_loopback(session.base.host) || call.method == "GET") return {};
    const std::string key = "ibm/" + session.account + "/" + session.region + "/write";
    if (limited_.insert(key).second) context.host.limiter.set_rate(key, control_rate);
    return key;
}

Task<HttpResponse> CodeEngineCloud::send(Session session, ApiCall call, StageContext& context) {
    const CallNote note{call.operation, call.resource, "Code Engine in " + session.region,
                        session.config->source};
    std::function<Verdict(const HttpResponse&)> verdict = [note](const HttpResponse& answer) {
        return judge(answer, note);
    };
    for (int round = 0;; ++round) {
        Task<iam::Token> getting = token(session.config, context);
        const iam::Token token = co_await std::move(getting);
        sdk::RestCall rest;
        rest.operation = call.operation;
        rest.method = call.method;
        rest.url = below(session.base, call.target);
        rest.headers = call.headers;
        rest.headers.set("Accept", "application/json");
        rest.body = call.body;
        rest.secret_body = call.secret_body;
        rest.secret_answer = call.secret_answer;
        rest.idempotent = true;
        std::function<void(HttpRequest&)> sign = [token](HttpRequest& request) {
            if (!token.access_token.empty())
                request.headers.set("Authorization", "Bearer " + token.access_token.expose(), true);
        };
        const bool renewable = session.config->auth == ServiceConfig::Auth::iam && round == 0;
        std::string limit = limit_key(session, call, context);
        try {
            Task<HttpResponse> sending = sdk::send(context, std::move(rest), RetryPolicy{}, std::move(limit),
                                                   std::move(sign), verdict);
            co_return co_await std::move(sending);
        } catch (const Error& failure) {
            // A token may be revoked, or expire here before its time.
            if (!renewable || failure.http_status() != 401) throw;
        }
        tokens_.forget(cache_key(*session.config));
    }
}

Task<Outcome> CodeEngineCloud::attempt(Session session, ApiCall call, StageContext& context) {
    return sdk::attempt(send(std::move(session), std::move(call), context));
}

Task<json::value> CodeEngineCloud::send_json(Session session, ApiCall call, StageContext& context) {
    std::string name = call.operation;
    return sdk::json_answer(send(std::move(session), std::move(call), context), std::move(name));
}

} // namespace pyfops::ibm
