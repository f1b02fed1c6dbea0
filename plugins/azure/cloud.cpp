// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include "credentials/chain.hpp"
#include "pyfops/sdk/jwt.hpp"
#include "pyfops/sdk/rest.hpp"

#include <algorithm>

namespace pyfops::azure {
namespace {

constexpr const char* subscriptions_version = "2022-12-01";

std::string scope_of(const Endpoints& endpoints, ApiCall::Token token) {
    return token == ApiCall::Token::insights ? endpoints.insights_scope() : endpoints.manager_scope();
}

std::string key_of(const Endpoints& endpoints, const std::string& scope) {
    return endpoints.authority.str() + " " + scope;
}

/// Whose token it is, as far as it says so; only shown.
std::string principal_of(const Token& token) {
    try {
        const sdk::Jwt jwt = sdk::decode_jwt(token.text.expose());
        for (const char* claim : {"upn", "appid", "azp", "oid"})
            if (const std::string name = string_or(jwt.claims, claim); !name.empty()) return name;
    } catch (const Error&) { // not readable, as some are
    }
    return {};
}

/// The call that tells how a write is getting on: "web:PutSite" -> "web:GetOperation".
std::string asking_for_operation(const std::string& write) {
    return write.substr(0, write.find(':')) + ":GetOperation";
}

/// The call that reads what a write makes: "web:PutSite" -> "web:GetSite".
std::string reading_of(const std::string& write) {
    const std::size_t verb = write.find(':') + 1;
    const std::size_t thing = std::find_if(write.begin() + static_cast<std::ptrdiff_t>(verb) + 1, write.end(),
                                           [](char c) { return c >= 'A' && c <= 'Z'; }) -
                              write.begin();
    return write.substr(0, verb) + "Get" + write.substr(thing);
}

Url url_of(const Session& session, const ApiCall& call) {
    const Endpoints& endpoints = session.endpoints;
    if (call.to == ApiCall::To::manager) {
        if (!call.target.starts_with("http")) return endpoints.of_manager(call.target);
        const Url url = Url::parse(call.target); // where an operation or a next page leads
        if (!endpoints.is_manager(url))
            throw Error(ErrorKind::unavailable, call.operation + " leads to another host: " + url.host)
                .hint("check the endpoint: a token of Azure does not go there");
        return url;
    }
    if (call.to == ApiCall::To::site && !endpoints.is_site_host(call.host))
        throw Error(ErrorKind::unavailable, "'" + call.host + "' is no host of function apps")
            .hint("check the endpoint: keys and tokens do not go there");
    return endpoints.at(call.host, call.target);
}

} // namespace

ApiCall manager_call(std::string operation, std::string method, std::string path, const char* api_version) {
    ApiCall call;
    call.operation = std::move(operation);
    call.method = std::move(method);
    call.target = std::move(path);
    call.target += call.target.find('?') == std::string::npos ? "?" : "&";
    call.target += std::string("api-version=") + api_version;
    call.headers.set("Accept", "application/json");
    return call;
}

void set_json(ApiCall& call, const std::string& text) {
    call.headers.set("Content-Type", "application/json");
    call.body = text;
}

Task<sdk::Expiring<Cloud::Held>> Cloud::search(Endpoints endpoints, std::string scope,
                                               StageContext& context) {
    Search searching{context, std::move(endpoints), std::move(scope), {}};
    Task<Token> finding = find_token(std::move(searching));
    Token found = co_await std::move(finding);
    context.host.log.debug("Azure token from " + found.source);
    const auto expires = found.expires;
    co_return sdk::Expiring<Held>{std::make_shared<const Token>(std::move(found)), expires};
}

Task<Cloud::Held> Cloud::token(const Endpoints& endpoints, std::string scope, StageContext& context) {
    std::function<Task<sdk::Expiring<Held>>()> make = [this, &endpoints, &scope, &context] {
        return search(endpoints, scope, context);
    };
    Task<Held> getting = tokens_.get(context.host.clock, key_of(endpoints, scope), std::move(make));
    co_return co_await std::move(getting);
}

std::string Cloud::limit_key(const Session& session, const ApiCall& call, StageContext& context) {
    // An emulator on this machine has no quota to protect; other hosts have none that is published.
    if (session.endpoints.loopback || session.subscription.empty() || call.to != ApiCall::To::manager)
        return {};
    const bool reads = call.method == "GET" || call.method == "HEAD";
    const std::string key =
        "azure/" + session.subscription + "/" + session.region + (reads ? "/read" : "/write");
    if (limited_.insert(key).second)
        context.host.limiter.set_rate(key, reads ? Limiter::Rate{25, 250} : Limiter::Rate{10, 200});
    return key;
}

Task<HttpResponse> Cloud::exchange(const Session& session, ApiCall call, Held token, StageContext& context) {
    sdk::RestCall rest;
    rest.operation = call.operation;
    rest.method = call.method;
    rest.url = url_of(session, call);
    rest.headers = call.headers;
    rest.body = call.body;
    rest.idempotent = call.idempotent;
    rest.max_response_bytes = call.max_response_bytes;
    rest.secret_body = call.secret_body;
    rest.secret_answer = call.secret_answer;
    std::function<void(HttpRequest&)> sign;
    if (token)
        sign = [token](HttpRequest& request) {
            request.headers.set("Authorization", "Bearer " + token->text.expose(), true);
        };
    const CallNote note{call.operation, session.region, token ? token->source : std::string(),
                        session.subscription};
    std::function<Verdict(const HttpResponse&)> judge = [note](const HttpResponse& response) {
        Verdict verdict;
        if (response.status >= 200 && response.status < 300) return verdict;
        const ApiError error = read_error(response);
        verdict.failure = to_error(error, note);
        verdict.throttled = is_throttling(error);
        verdict.retry = is_retryable(error);
        return verdict;
    };
    RetryPolicy policy;
    policy.max_attempts = call.attempts;
    StageContext limited{context.host, context.deadline, context.subject};
    if (call.patience) limited.deadline = context.deadline.within(context.host.clock, *call.patience);
    std::string key = limit_key(session, call, context);
    Task<HttpResponse> sending =
        sdk::send(limited, std::move(rest), policy, std::move(key), std::move(sign), std::move(judge));
    co_return co_await std::move(sending);
}

Task<HttpResponse> Cloud::send(Session session, ApiCall call, StageContext& context) {
    for (int attempt = 0;; ++attempt) {
        Held held;
        const std::string scope = scope_of(session.endpoints, call.token);
        if (call.token != ApiCall::Token::none) {
            Task<Held> finding = token(session.endpoints, scope, context);
            held = co_await std::move(finding);
        }
        try {
            Task<HttpResponse> sending = exchange(session, call, held, context);
            co_return co_await std::move(sending);
        } catch (const Error& failure) {
            // Ended before its time: ask the source once more.
            const bool expired = held && failure.provider_code() == "ExpiredAuthenticationToken";
            if (attempt > 0 || !expired) throw;
        }
        tokens_.forget(key_of(session.endpoints, scope));
    }
}

Task<Outcome> Cloud::attempt(Session session, ApiCall call, StageContext& context) {
    return sdk::attempt(send(std::move(session), std::move(call), context));
}

Task<json::value> Cloud::send_json(Session session, ApiCall call, StageContext& context) {
    std::string name = call.operation;
    return sdk::json_answer(send(std::move(session), std::move(call), context), std::move(name));
}

Task<json::value> Cloud::complete(Session session, ApiCall call, std::string what, StageContext& context) {
    Task<HttpResponse> sending = send(session, call, context);
    const HttpResponse answer = co_await std::move(sending);
    json::value body = sdk::json_body(answer, call.operation);
    const Follow where = follow_of(call.method, answer, body);
    if (where.where == Follow::Where::nowhere) co_return body;
    const Milliseconds first =
        retry_after(answer.headers, context.host.clock.system_now()).value_or(Milliseconds(200));
    Task<json::value> following = follow(session, std::move(call), where, std::move(what), first, context);
    co_return co_await std::move(following);
}

Task<json::value> Cloud::follow(const Session& session, ApiCall call, Follow from, std::string what,
                                Milliseconds pause, StageContext& context) {
    const Clock& clock = context.host.clock;
    const Deadline deadline = context.deadline.within(clock, std::chrono::minutes(15));
    ApiCall question;
    const bool of_resource = from.where == Follow::Where::resource;
    question.operation = of_resource ? reading_of(call.operation) : asking_for_operation(call.operation);
    question.target = of_resource ? call.target : from.url;
    question.headers.set("Accept", "application/json");
    std::string state = "Accepted";
    Milliseconds growing{200};
    for (;;) {
        if (deadline.left(clock) <= pause)
            throw Error(ErrorKind::timeout, "gave up waiting for " + what + ": it is still '" + state + "'")
                .hint("run the same command again: it goes on where this one stopped");
        context.progress(Stage::deploy, "waiting for " + what + " (" + state + ")");
        Task<void> wait = context.host.clock.sleep(pause);
        co_await std::move(wait);
        Task<HttpResponse> asking = send(session, question, context);
        const HttpResponse answer = co_await std::move(asking);
        json::value body = sdk::json_body(answer, question.operation);
        state = state_of(from.where, answer, body);
        const Progress progress = progress_of(state);
        if (progress == Progress::failed) {
            const ApiError told = read_failure(body, answer.status);
            const CallNote note{call.operation, session.region, session.credentials_source,
                                session.subscription};
            Error failure = to_error(told, note);
            // An operation that ended badly has status 200: it is the code that says what is wrong.
            if (failure.kind() == ErrorKind::invalid_input && failure.hint().empty())
                failure.hint("run the command again; if it fails again, Azure's words say why");
            throw failure.context("waiting for " + what);
        }
        if (progress == Progress::succeeded) {
            const bool resource = call.method == "PUT" || call.method == "PATCH";
            if (from.where != Follow::Where::operation || !resource) co_return body;
            ApiCall last = question;
            last.operation = reading_of(call.operation);
            last.target = call.target;
            Task<json::value> reading = send_json(session, std::move(last), context);
            co_return co_await std::move(reading);
        }
        growing = std::min(Milliseconds(5000), growing * 3 / 2);
        pause = retry_after(answer.headers, clock.system_now()).value_or(growing);
    }
}

Task<std::string> Cloud::only_subscription(Session session, StageContext& context) {
    std::vector<std::string> ids;
    ApiCall question =
        manager_call("resources:ListSubscriptions", "GET", "/subscriptions", subscriptions_version);
    while (!question.target.empty()) {
        Task<json::value> listing = send_json(session, question, context);
        const json::value page = co_await std::move(listing);
        if (const json::value* all = find(page, "value"); all && all->is_array())
            for (const json::value& one : all->get_array())
                if (string_or(one, "state", "Enabled") == "Enabled")
                    ids.push_back(string_or(one, "subscriptionId"));
        question.target = string_or(page, "nextLink");
    }
    if (ids.size() == 1) co_return ids.front();
    std::string names;
    for (const std::string& id : ids)
        names += (names.empty() ? "" : ", ") + id;
    throw Error(ErrorKind::unauthenticated,
                ids.empty() ? "the Azure credentials lead to no subscription"
                            : "the Azure credentials lead to several subscriptions: " + names)
        .hint(ids.empty() ? "give them a role in a subscription"
                          : "name one: providers.azure.subscription or AZURE_SUBSCRIPTION_ID");
}

Task<Session> Cloud::session(const json::object& settings, std::string region, StageContext& context,
                             Realm realm) {
    const System& system = context.host.system;
    Session session;
    session.settings = read_settings(settings);
    session.region = std::move(region);
    session.realm = realm;
    if (realm == Realm::local || local_endpoint(system)) {
        session.settings.subscription.clear();
        session.settings.resource_group.clear();
        session.settings.storage_account.clear();
        session.settings.application_insights.clear();
        session.settings.endpoint.clear();
        session.local_insights = variable(system, "APPLICATIONINSIGHTS_CONNECTION_STRING").value_or("");
    }
    session.endpoints = resolve_endpoints(system, session.settings.endpoint);
    const std::string scope = session.endpoints.manager_scope();
    Task<Held> finding = token(session.endpoints, scope, context);
    const Held held = co_await std::move(finding);
    session.credentials_source = held->source;
    session.principal = principal_of(*held);
    session.subscription = session.settings.subscription;
    if (session.subscription.empty())
        session.subscription = variable(system, "AZURE_SUBSCRIPTION_ID").value_or("");
    if (session.subscription.empty()) session.subscription = held->subscription;
    if (session.subscription.empty()) {
        std::function<Task<std::string>()> make = [this, &session, &context] {
            return only_subscription(session, context);
        };
        Task<std::string> asking = subscriptions_.get(key_of(session.endpoints, scope), std::move(make));
        session.subscription = co_await std::move(asking);
    }
    co_return session;
}

} // namespace pyfops::azure
