// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include "credentials/chain.hpp"
#include "pyfops/sdk/rest.hpp"
#include "sts.hpp"

namespace pyfops::alibaba {
namespace {

std::string key_of(const Session& session) {
    return session.profile + (session.profile_is_explicit ? "/explicit" : "");
}

/// The Logstore of the local cloud is named by the environment, as its keys are.
void use_local_settings(Settings& settings, const System& system) {
    settings.profile.clear();
    settings.role.clear();
    settings.account_id.clear();
    settings.bucket.clear();
    settings.endpoint.clear();
    settings.log_project = variable(system, "PYFOPS_ALIBABA_LOG_PROJECT").value_or("");
    settings.log_store = variable(system, "PYFOPS_ALIBABA_LOG_STORE").value_or("");
}

} // namespace

const ProfileFiles& Cloud::files(const System& system) {
    if (!files_) files_.emplace(system);
    return *files_;
}

Task<sdk::Expiring<Cloud::Keys>> Cloud::search(Session session, StageContext& context) {
    Search search{transport_,
                  context,
                  files(context.host.system),
                  session.profile,
                  session.profile_is_explicit,
                  session.region,
                  {},
                  {}};
    Task<Credentials> finding = find_credentials(std::move(search));
    Credentials found = co_await std::move(finding);
    context.host.log.debug("Alibaba Cloud credentials from " + found.source);
    const auto expires = found.expires;
    co_return sdk::Expiring<Keys>{std::make_shared<const Credentials>(std::move(found)), expires};
}

Task<Cloud::Keys> Cloud::credentials(const Session& session, StageContext& context) {
    std::function<Task<sdk::Expiring<Keys>>()> make = [this, &session, &context] {
        return search(session, context);
    };
    Task<Keys> getting = keys_.get(context.host.clock, key_of(session), std::move(make));
    co_return co_await std::move(getting);
}

Task<HttpResponse> Cloud::exchange(const Session& session, ApiCall call, Keys keys, StageContext& context) {
    Endpoint endpoint =
        resolve_endpoint(call.service, session.region, call.account_host ? session.account : std::string(),
                         context.host.system, session.settings.endpoint);
    CallNote note;
    note.region = call.service == Service::sts ? std::string() : session.region;
    note.credentials = keys->source;
    std::string account = session.account;
    Task<HttpResponse> sending = transport_.send(std::move(call), std::move(endpoint), std::move(keys),
                                                 std::move(account), std::move(note), context);
    co_return co_await std::move(sending);
}

Task<HttpResponse> Cloud::send(Session session, ApiCall call, StageContext& context) {
    for (int attempt = 0;; ++attempt) {
        Task<Keys> finding = credentials(session, context);
        Keys keys = co_await std::move(finding);
        const bool renewable = keys->expires.has_value();
        try {
            Task<HttpResponse> sending = exchange(session, call, keys, context);
            co_return co_await std::move(sending);
        } catch (const Error& failure) {
            // Expired before its time: ask the source once more.
            if (attempt > 0 || !renewable || !has_expired(failure)) throw;
        }
        keys_.forget(key_of(session));
    }
}

Task<Outcome> Cloud::attempt(Session session, ApiCall call, StageContext& context) {
    return sdk::attempt(send(std::move(session), std::move(call), context));
}

Task<json::value> Cloud::send_json(Session session, ApiCall call, StageContext& context) {
    std::string name = call.name();
    return sdk::json_answer(send(std::move(session), std::move(call), context), std::move(name));
}

Task<Account> Cloud::identify(Session session, StageContext& context) {
    Task<Keys> finding = credentials(session, context);
    const Keys keys = co_await std::move(finding);
    Task<HttpResponse> asking = exchange(session, sts::get_caller_identity(), keys, context);
    const HttpResponse answer = co_await std::move(asking);
    const sts::Caller caller = sts::read_caller(sdk::json_body(answer, "sts:GetCallerIdentity"));
    if (caller.account.empty())
        throw Error(ErrorKind::unavailable, "STS answered without an account").hint("check the endpoint");
    Account account;
    account.id = caller.account;
    account.principal = caller.arn;
    account.source = keys->source;
    co_return account;
}

Task<Session> Cloud::session(const json::object& settings, std::string region, StageContext& context,
                             Realm realm) {
    Session session;
    session.settings = read_settings(settings);
    session.region = std::move(region);
    const System& system = context.host.system;
    if (realm == Realm::local || local_endpoint(system)) use_local_settings(session.settings, system);
    session.profile_is_explicit = !session.settings.profile.empty();
    session.profile = session.profile_is_explicit ? session.settings.profile
                                                  : variable(system, "ALIBABA_CLOUD_PROFILE").value_or("");
    const std::string key = key_of(session);
    std::function<Task<Account>()> make = [this, &session, &context] { return identify(session, context); };
    Task<Account> identifying = accounts_.get(key, std::move(make));
    const Account account = co_await std::move(identifying);
    if (const std::string& wanted = session.settings.account_id; !wanted.empty() && wanted != account.id)
        throw Error(ErrorKind::forbidden, "the credentials (" + account.source + ") are of account " +
                                              account.id + ", the project is for " + wanted)
            .hint("use credentials of that account, or change providers.alibaba.account_id");
    session.account = account.id;
    session.principal = account.principal;
    session.credentials_source = account.source;
    co_return session;
}

} // namespace pyfops::alibaba
