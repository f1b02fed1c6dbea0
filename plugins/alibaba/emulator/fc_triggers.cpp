// SPDX-License-Identifier: Apache-2.0
#include "fc.hpp"

#include "fc_checks.hpp"
#include "paging.hpp"
#include "pyfops/error.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t most_triggers = 50;

/// The text of "triggerConfig", checked and with its defaults.
std::string checked_config(const std::string& text) {
    json::object config;
    try {
        const json::value value = parse_json(text.empty() ? "{}" : text, "triggerConfig");
        if (!value.is_object()) invalid_argument("triggerConfig should be the text of a JSON object");
        config = value.as_object();
    } catch (const Error& error) {
        invalid_argument(error.message());
    }
    const std::string auth = string_or(config, "authType", "function");
    if (auth != "anonymous" && auth != "function" && auth != "jwt")
        invalid_argument(fmt::format("authType '{}' is not supported", auth));
    config["authType"] = auth;
    static constexpr std::array<std::string_view, 7> methods{"GET",  "POST",  "PUT",    "DELETE",
                                                             "HEAD", "PATCH", "OPTIONS"};
    const auto* given = config.if_contains("methods");
    if (!given || !given->is_array() || given->as_array().empty())
        invalid_argument("methods should name at least one HTTP method");
    for (const auto& method : given->as_array())
        if (!method.is_string() ||
            std::find(methods.begin(), methods.end(), std::string_view(method.as_string())) == methods.end())
            invalid_argument("methods should be GET, POST, PUT, DELETE, HEAD, PATCH or OPTIONS");
    if (!config.contains("disableURLInternet")) config["disableURLInternet"] = false;
    return json::serialize(config);
}

} // namespace

json::object FunctionCompute::describe_trigger(const Function& function, const json::object& trigger) const {
    json::object answer = trigger;
    answer.erase("host");
    if (const std::string host = string_or(trigger, "host"); !host.empty()) {
        answer["httpTrigger"] = {
            {"urlInternet",
             fmt::format("{}/{}.{}.fcapp.run/", world_.host().base_url, host, function.region())},
            {"urlIntranet",
             fmt::format("{}/{}.{}-vpc.fcapp.run/", world_.host().base_url, host, function.region())}};
    }
    answer["targetArn"] = function.arn();
    return answer;
}

ServerResponse FunctionCompute::create_trigger(const Call& call, Function& function) {
    const json::object body = json_body(call);
    const std::string name = string_or(body, "triggerName"), type = string_or(body, "triggerType");
    check_name(name, "triggerName");
    if (type.empty()) invalid_argument("triggerType is required");
    if (type != "http") invalid_argument("the local cloud has HTTP triggers only, not '" + type + "'");
    json::object& all = function.member("triggers");
    if (all.contains(name))
        throw ApiError(409, "TriggerAlreadyExists", fmt::format("trigger '{}' already exists", name));
    if (all.size() >= most_triggers)
        throw ApiError(400, "LimitExceededError", "a function has at most 50 triggers");
    const std::string qualifier = string_or(body, "qualifier", "LATEST");
    record(function, qualifier);
    for (const auto& other : all)
        if (string_or(other.value(), "qualifier") == qualifier)
            throw ApiError(409, "TriggerAlreadyExists",
                           fmt::format("'{}' of the function has an HTTP trigger already", qualifier));
    const std::string now = to_iso8601(world_.now());
    const std::string host = world_.random_text(18, "abcdefghijklmnopqrstuvwxyz");
    all[name] = {{"triggerId", world_.uuid()},
                 {"triggerName", name},
                 {"triggerType", type},
                 {"qualifier", qualifier},
                 {"status", "OK"},
                 {"description", string_or(body, "description")},
                 {"triggerConfig", checked_config(string_or(body, "triggerConfig"))},
                 {"createdTime", now},
                 {"lastModifiedTime", now},
                 {"host", host}};
    world_.state().put("alibaba/urls", host,
                       {{"region", function.region()}, {"name", function.name()}, {"trigger", name}});
    save(function);
    return json_response(200, describe_trigger(function, all.at(name).as_object()));
}

ServerResponse FunctionCompute::triggers(const Call& call) {
    Function function = required(call);
    if (call.operation == "CreateTrigger") return create_trigger(call, function);
    json::object& all = function.member("triggers");
    if (call.operation == "ListTriggers") {
        std::vector<std::string> names;
        for (const auto& trigger : all)
            names.emplace_back(trigger.key());
        const NamePage page = page_of(world_, call, std::move(names));
        json::array list;
        for (const std::string& name : page.names)
            list.push_back(describe_trigger(function, all.at(name).as_object()));
        json::object answer{{"triggers", std::move(list)}};
        if (!page.next_token.empty()) answer["nextToken"] = page.next_token;
        return json_response(200, answer);
    }
    const std::string& name = call.label("triggerName");
    auto* found = all.if_contains(name);
    if (!found) throw ApiError(404, "TriggerNotFound", fmt::format("trigger '{}' does not exist", name));
    json::object& trigger = found->as_object();
    if (call.operation == "DeleteTrigger") {
        world_.state().erase("alibaba/urls", string_or(trigger, "host"));
        all.erase(name);
        save(function);
        return empty_response(204);
    }
    if (call.operation == "UpdateTrigger") {
        const json::object body = json_body(call);
        if (const std::string config = string_or(body, "triggerConfig"); !config.empty())
            trigger["triggerConfig"] = checked_config(config);
        if (const std::string qualifier = string_or(body, "qualifier"); !qualifier.empty()) {
            record(function, qualifier);
            trigger["qualifier"] = qualifier;
        }
        if (body.contains("description")) trigger["description"] = string_or(body, "description");
        trigger["lastModifiedTime"] = to_iso8601(world_.now());
        save(function);
    }
    return json_response(200, describe_trigger(function, trigger));
}

} // namespace pyfops::alibaba_emulator
