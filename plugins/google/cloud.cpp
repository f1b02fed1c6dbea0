// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include "credentials/chain.hpp"
#include "pyfops/sdk/rest.hpp"

namespace pyfops::google {
namespace {

Task<std::shared_ptr<const Credentials>> search(StageContext& context) {
    Task<Credentials> finding = find_credentials(Search{context});
    Credentials found = co_await std::move(finding);
    context.host.log.debug("Google credentials from " + found.source);
    co_return std::make_shared<const Credentials>(std::move(found));
}

Task<Token> make_access_token(Transport& transport, const Session& session, StageContext& context) {
    TokenMaker maker{transport, context};
    Task<Token> making = maker.access_token(session.credentials);
    co_return co_await std::move(making);
}

Task<Token> make_id_token(Transport& transport, const Session& session, std::string audience,
                          StageContext& context) {
    TokenMaker maker{transport, context};
    Task<Token> making = maker.id_token(session.credentials, std::move(audience));
    co_return co_await std::move(making);
}

CallNote note_of(const Session& session) {
    CallNote note;
    note.region = session.region;
    note.project = session.project;
    note.credentials = session.credentials->source;
    note.principal = session.credentials->principal;
    return note;
}

} // namespace

Endpoint Cloud::endpoint(const Session& session, const std::string& service,
                         const StageContext& context) const {
    return resolve_endpoint(service, context.host.system, session.settings.endpoint);
}

Task<Secret> Cloud::access_token(const Session& session, StageContext& context) {
    std::function<Task<Token>()> make = [this, &session, &context] {
        return make_access_token(transport_, session, context);
    };
    Task<Secret> getting = tokens_.get(context.host.clock, "", std::move(make));
    co_return co_await std::move(getting);
}

Task<Secret> Cloud::id_token(const Session& session, std::string audience, StageContext& context) {
    std::function<Task<Token>()> make = [this, &session, &audience, &context] {
        return make_id_token(transport_, session, audience, context);
    };
    Task<Secret> getting = tokens_.get(context.host.clock, audience, std::move(make));
    co_return co_await std::move(getting);
}

Task<HttpResponse> Cloud::send(Session session, ApiCall call, StageContext& context) {
    const Endpoint where = call.url ? Endpoint() : endpoint(session, call.service, context);
    const std::string quota = call.authorized ? session.credentials->quota_project : std::string();
    for (int attempt = 0;; ++attempt) {
        Secret token;
        if (call.authorized) {
            Task<Secret> getting = access_token(session, context);
            token = co_await std::move(getting);
        }
        try {
            Task<HttpResponse> sending =
                transport_.send(call, where, std::move(token), quota, note_of(session), context);
            co_return co_await std::move(sending);
        } catch (const Error& failure) {
            // Expired or revoked before its time: get another one, once.
            if (attempt > 0 || !call.authorized || failure.kind() != ErrorKind::unauthenticated) throw;
        }
        tokens_.forget("");
    }
}

Task<Outcome> Cloud::attempt(Session session, ApiCall call, StageContext& context) {
    return sdk::attempt(send(std::move(session), std::move(call), context));
}

Task<json::value> Cloud::send_json(Session session, ApiCall call, StageContext& context) {
    std::string name = call.name();
    return sdk::json_answer(send(std::move(session), std::move(call), context), std::move(name));
}

Task<Session> Cloud::session(const json::object& settings, std::string region, StageContext& context,
                             Realm realm) {
    Session session;
    session.settings = read_settings(settings);
    session.region = std::move(region);
    if (realm == Realm::local || local_endpoint(context.host.system)) {
        session.settings.project.clear();
        session.settings.service_account.clear();
        session.settings.endpoint.clear();
    }
    std::function<Task<std::shared_ptr<const Credentials>>()> make = [&context] { return search(context); };
    Task<std::shared_ptr<const Credentials>> finding = credentials_.get("", std::move(make));
    session.credentials = co_await std::move(finding);
    std::function<Task<std::string>()> name = [&session, &context] {
        return find_project(context, session.settings.project, *session.credentials);
    };
    Task<std::string> naming = projects_.get(session.settings.project, std::move(name));
    session.project = co_await std::move(naming);
    Task<Secret> proving = access_token(session, context);
    co_await std::move(proving);
    co_return session;
}

} // namespace pyfops::google
