// SPDX-License-Identifier: Apache-2.0
#include "openwhisk_cloud.hpp"

#include "endpoints.hpp"
#include "errors.hpp"
#include "openwhisk.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/rest.hpp"
#include "settings.hpp"

namespace pyfops::ibm {

Task<std::string> OpenWhiskCloud::own_namespace(Whisk whisk, StageContext& context) {
    Task<json::value> asking = send_json(whisk, openwhisk::list_namespaces(), context);
    const json::value answer = co_await std::move(asking);
    const std::vector<std::string> names = openwhisk::read_namespaces(answer);
    if (names.empty())
        throw Error(ErrorKind::forbidden,
                    "the key of " + whisk.config->source + " opens no namespace of " + whisk.base.host)
            .hint("ask the operator of the host for a key");
    co_return names.front();
}

Task<Whisk> OpenWhiskCloud::session(const json::object& object, Realm realm, StageContext& context) {
    const Settings settings = read_settings(object);
    const bool local = realm == Realm::local;
    const std::string host = local ? std::string() : settings.host;
    Whisk whisk;
    whisk.config = std::make_shared<const WhiskConfig>(find_whisk_config(context.host.system, host));
    whisk.base = openwhisk_url(whisk.config->host);
    require_secure(whisk.base, "the OpenWhisk host");
    whisk.name_space = !local && settings.name_space != "_" ? settings.name_space : whisk.config->name_space;
    if (!whisk.name_space.empty()) co_return whisk;
    const std::string key = whisk.base.str() + " " + sha256_hex(whisk.config->key.expose());
    std::function<Task<std::string>()> make = [this, &whisk, &context] {
        return own_namespace(whisk, context);
    };
    Task<std::string> asking = namespaces_.get(key, std::move(make));
    whisk.name_space = co_await std::move(asking);
    co_return whisk;
}

Task<HttpResponse> OpenWhiskCloud::send(Whisk whisk, ApiCall call, StageContext& context) {
    sdk::RestCall rest;
    rest.operation = call.operation;
    rest.method = call.method;
    rest.url = below(whisk.base, call.target);
    rest.headers = call.headers;
    rest.headers.set("Accept", "application/json");
    rest.headers.set("Authorization", "Basic " + base64(whisk.config->key.expose()), true);
    rest.body = call.body;
    rest.secret_body = call.secret_body;
    rest.secret_answer = call.secret_answer;
    rest.idempotent = true;
    const CallNote note{call.operation, call.resource, whisk.base.host, whisk.config->source};
    std::function<Verdict(const HttpResponse&)> verdict = [note](const HttpResponse& answer) {
        Verdict made = judge(answer, note);
        // "Concurrent modification to resource detected": another write was faster.
        if (made.failure && is_stale(*made.failure)) made.retry = true;
        return made;
    };
    std::function<void(HttpRequest&)> signed_already = [](HttpRequest&) {};
    Task<HttpResponse> sending = sdk::send(context, std::move(rest), RetryPolicy{}, std::string(),
                                           std::move(signed_already), std::move(verdict));
    co_return co_await std::move(sending);
}

Task<Outcome> OpenWhiskCloud::attempt(Whisk whisk, ApiCall call, StageContext& context) {
    return sdk::attempt(send(std::move(whisk), std::move(call), context));
}

Task<json::value> OpenWhiskCloud::send_json(Whisk whisk, ApiCall call, StageContext& context) {
    std::string name = call.operation;
    return sdk::json_answer(send(std::move(whisk), std::move(call), context), std::move(name));
}

} // namespace pyfops::ibm
