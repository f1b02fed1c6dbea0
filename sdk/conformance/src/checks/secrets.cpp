// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include "site.hpp"

#include <boost/json/serialize.hpp>

#include <map>

namespace pyfops::conformance {
namespace {

constexpr const char* function_secret = "conformance-secret-93be02";

using Values = std::map<std::string, std::string>; ///< and what they are

/// Everything that must be in no message: given secrets, tokens that were sent, the probe key.
Values secret_values(Site& site, const Wire& wire) {
    Values values{{function_secret, "the function's secret variable"}};
    std::map<std::string, std::string> environment = site.cloud.environment();
    for (const auto& [name, value] : site.quirks.environment)
        environment[name] = value;
    require(!site.quirks.secrets.empty() || !site.quirks.secret_files.empty(), "the quirks name no secrets");
    const auto value_of = [&](const std::string& name) {
        require(environment.contains(name), "there is no variable " + name);
        return environment[name];
    };
    for (const std::string& name : site.quirks.secrets)
        values[value_of(name)] = name;
    for (const auto& [name, members] : site.quirks.secret_files) {
        const json::value file = parse_json(read_file(value_of(name)), name);
        for (const std::string& member : members) {
            const std::string secret = string_or(file, member);
            require(!secret.empty(), "the file of " + name + " has no " + member);
            values[secret] = member + " of " + name;
        }
    }
    constexpr std::string_view bearer = "Bearer ";
    for (const Exchange& exchange : wire.exchanges())
        if (const std::string sent = exchange.request.headers.get("Authorization"); sent.starts_with(bearer))
            values[sent.substr(bearer.size())] = "the token of a request";
    return values;
}

void require_none(const std::string& text, const Values& values, const std::string& where) {
    for (const auto& [value, name] : values)
        require(value.size() < 4 || text.find(value) == std::string::npos, where + " tells " + name);
}

/// A cloud, or a proxy, that shows the whole request in its refusal.
HttpResponse echo(const HttpRequest& request, bool as_json) {
    std::string all = request.method + " " + request.url.target;
    for (const HttpHeader& header : request.headers)
        all += " " + header.name + ": " + header.value;
    all += " " + std::string(request.body.view().substr(0, 100'000));
    HttpResponse response;
    response.status = 400;
    response.headers.set("Content-Type", as_json ? "application/json" : "text/plain");
    const json::string text(all);
    response.body = as_json
                        ? json::serialize(json::object{
                              {"message", text},
                              {"Message", text},
                              {"code", text},
                              {"__type", text},
                              {"error", json::object{{"message", text}, {"code", text}, {"status", text}}},
                              {"errors", json::array{json::object{{"message", text}, {"code", text}}}}})
                        : all;
    return response;
}

void messages(Site& site) {
    const Wanted wanted{.secrets = {{"CONFORM_SECRET", function_secret}}};
    Wanted changed = wanted;
    changed.version = "2";
    Bench& usual = site.bench();
    const Deployment made = usual.deploy(wanted);
    usual.tell(made, {"version"});
    Values values = secret_values(site, usual.wire);
    if (!made.probe_key.empty()) values[made.probe_key.expose()] = "the probe key";
    require_none(usual.log.text(), values, "the log");
    require_none(usual.observer.text(), values, "an event for the observer");
    require_none(json::serialize(made.details) + made.link + made.url, values, "the deployment");

    const auto calls = std::vector<std::function<void(Bench&)>>{
        [&](Bench& bench) { bench.deploy(changed); },
        [&](Bench& bench) { bench.deploy({.function = "another", .secrets = wanted.secrets}); },
        [&](Bench& bench) { bench.configure(made, site.quirks.more_memory_mb, 40); },
        [&](Bench& bench) { bench.invoke(made, 1, true); },
        [&](Bench& bench) { bench.remove(); },
    };
    for (const bool as_json : {false, true})
        for (const bool writes_only : {false, true})
            for (const auto& call : calls) {
                Bench& bench = site.bench();
                bench.wire.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
                    const bool invocation = matches(request.operation, site.quirks.invoke);
                    if (writes_only && !invocation && !bench.wire.is_write(request)) return std::nullopt;
                    return echo(request, as_json);
                };
                const auto failure = failure_of([&] { call(bench); });
                require(failure.has_value(), "a refusal with status 400 is taken for success");
                values.merge(secret_values(site, bench.wire));
                require_none(failure->what(), values, "the message of a failure");
                require_none(bench.log.text(), values, "the log");
                require_none(bench.observer.text(), values, "an event for the observer");
            }
}

void wire(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy({.secrets = {{"CONFORM_SECRET", function_secret}}});
    bench.tell(made, {"version"});
    bench.list();
    bench.remove();
    const Values values = secret_values(site, bench.wire);
    for (const Exchange& exchange : bench.wire.exchanges()) {
        const HttpRequest& request = exchange.request;
        require_none(request.url.target, values, "the address of " + request.operation);
        for (const HttpHeader& header : request.headers) {
            const bool authorises = header.name == "Authorization" || header.name == "authorization";
            require(header.sensitive || !authorises,
                    request.operation + ": the field Authorization is not marked sensitive");
            if (!header.sensitive)
                require_none(header.value, values,
                             request.operation + ": the field " + header.name +
                                 ", which is not marked sensitive,");
        }
    }
}

} // namespace

Checks secrets() {
    return {
        {"secrets.messages", "no message, event or log tells a secret, even when the cloud repeats it",
         &messages},
        {"secrets.wire", "secrets travel in bodies and in fields that are marked sensitive only", &wire},
    };
}

} // namespace pyfops::conformance
