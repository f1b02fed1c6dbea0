// SPDX-License-Identifier: Apache-2.0
// Actions: create, update, read, list, delete.
#include "openwhisk.hpp"

#include "stored_zip.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <regex>

namespace pyfops::ibm_emulator {
namespace {

constexpr const char* collection = "ibm/actions";
constexpr std::size_t most_code = 48u << 20;
constexpr std::size_t most_parameters = 1u << 20;

[[noreturn]] void malformed(const std::string& why) {
    throw ApiError(400, "", "The request content was malformed:\n" + why);
}

/// "python:default" is the newest default of the family.
std::string kind_of(const std::string& wanted) {
    if (wanted == "python:default" || wanted == "python:3.10") return "python:3.10";
    if (wanted == "python:3.11") return wanted;
    throw ApiError(
        400, "",
        "The specified runtime '" + wanted +
            "' is not supported by this platform. Valid values are: 'python:3.10', 'python:3.11'.");
}

/// The platform decides by the text, whatever the request says.
bool is_binary(const std::string& code) {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto end = code.find_last_not_of(" \r\n\t");
    const auto begin = code.find_first_not_of(" \r\n\t");
    if (begin == std::string::npos) return false;
    const std::string text = code.substr(begin, end - begin + 1);
    if (text.size() % 4 != 0) return false;
    const auto first = text.find_first_not_of(alphabet);
    return first == std::string::npos ||
           (first >= text.size() - 2 && text.find_first_not_of('=', first) == std::string::npos);
}

void check_pairs(const json::object& body, const char* member) {
    const json::value* list = body.if_contains(member);
    if (!list) return;
    if (!list->is_array()) malformed(std::string(member) + " must be a list");
    for (const json::value& one : list->as_array())
        if (!one.is_object() || string_or(one, "key").empty() || !one.as_object().contains("value"))
            malformed(std::string(member) + " has an entry without key or value");
}

void limit(json::object& limits, const json::object& wanted, const char* name, long long least,
           long long most, const char* unit) {
    const json::value* value = wanted.if_contains(name);
    if (!value) return;
    if (!value->is_int64()) malformed(std::string(name) + " must be a number");
    const long long number = value->as_int64();
    if (number < least || number > most)
        malformed("requirement failed: " + std::string(name) + " " + std::to_string(number) + " " + unit +
                  (number < least ? " below allowed threshold of " + std::to_string(least)
                                  : " exceeds allowed threshold of " + std::to_string(most)));
    limits[name] = number;
}

std::string next_version(const std::string& version) {
    const auto dot = version.rfind('.');
    return version.substr(0, dot + 1) + std::to_string(std::stoi(version.substr(dot + 1)) + 1);
}

/// Sorted by no one: a list of {"key", "value"}, in which one is replaced or added.
void set_annotation(json::array& list, std::string_view key, json::value value) {
    for (json::value& one : list)
        if (string_or(one, "key") == key) {
            one.as_object()["value"] = std::move(value);
            return;
        }
    list.push_back(json::object{{"key", key}, {"value", std::move(value)}});
}

} // namespace

json::object OpenWhisk::action(const Name& name) const {
    const auto stored = world_.state().get(collection, name);
    if (!stored) throw ApiError(404, "", "The requested resource does not exist.");
    return *stored;
}

json::object OpenWhisk::describe_action(const json::object& stored, bool code) const {
    json::object described = stored;
    json::object& exec = described.at("exec").as_object();
    const std::string blob = string_or(exec, "blob");
    exec.erase("blob");
    described.erase("image");
    if (code) {
        const Bytes content = world_.state().blob(blob);
        const bool binary = exec.at("binary").as_bool();
        exec["code"] = binary ? base64(content.view()) : std::string(content.view());
    }
    return described;
}

ServerResponse OpenWhisk::put_action(const HttpCall& call, const Name& name) {
    static const std::regex allowed(R"((\w|\w[\w@ .\-]*[\w@.\-]+)(/(\w|\w[\w@ .\-]*[\w@.\-]+))?)");
    if (!std::regex_match(name, allowed) || name.size() > 256) malformed("the name is not valid");
    if (const auto slash = name.find('/');
        slash != std::string::npos && !world_.state().get("ibm/packages", name.substr(0, slash)))
        throw ApiError(404, "", "The requested resource does not exist.");
    const auto known = world_.state().get(collection, name);
    if (known && query_field(call.query, "overwrite") != "true")
        throw ApiError(409, "", "resource already exists");
    const json::object body = json_object(call);
    json::object stored = known.value_or(
        json::object{{"namespace", "guest"},
                     {"name", name.substr(name.find('/') == std::string::npos ? 0 : name.find('/') + 1)},
                     {"version", "0.0.0"},
                     {"publish", false},
                     {"parameters", json::array()},
                     {"annotations", json::array()},
                     {"limits", {{"timeout", 60000}, {"memory", 256}, {"logs", 10}, {"concurrency", 1}}}});
    if (const auto slash = name.find('/'); slash != std::string::npos)
        stored["namespace"] = "guest/" + name.substr(0, slash);
    if (const json::value* exec = body.if_contains("exec")) {
        const json::value* code = find(*exec, "code");
        if (!code || !code->is_string()) malformed("exec has no code");
        const std::string text(code->as_string());
        if (text.size() > most_code)
            throw ApiError(413, "",
                           "The size of the entity received is larger than allowed: " +
                               std::to_string(text.size()) + " > " + std::to_string(most_code) + " bytes.");
        const bool binary = is_binary(text);
        json::object made{{"kind", kind_of(string_or(*exec, "kind"))},
                          {"binary", binary},
                          {"main", string_or(*exec, "main", "main")}};
        try {
            const auto begin = text.find_first_not_of(" \r\n\t");
            made["blob"] = world_.state().put_blob(
                binary ? base64_decode(text.substr(begin, text.find_last_not_of(" \r\n\t") - begin + 1))
                       : text);
        } catch (const Error&) {
            malformed("the code cannot be read");
        }
        stored["exec"] = std::move(made);
    } else if (!known) {
        malformed("exec undefined");
    }
    if (const json::value* wanted = body.if_contains("limits")) {
        if (!wanted->is_object()) malformed("limits must be an object");
        json::object& limits = stored.at("limits").as_object();
        limit(limits, wanted->as_object(), "timeout", 100, 300000, "milliseconds");
        limit(limits, wanted->as_object(), "memory", 128, 512, "MB");
        limit(limits, wanted->as_object(), "logs", 0, 10, "MB");
        limit(limits, wanted->as_object(), "concurrency", 1, 1, "");
    }
    for (const char* member : {"parameters", "annotations"}) {
        check_pairs(body, member);
        if (const json::value* list = body.if_contains(member)) stored[member] = *list;
    }
    if (json::serialize(stored.at("parameters")).size() > most_parameters)
        throw ApiError(413, "", "The size of the parameters is larger than allowed.");
    json::array& annotations = stored.at("annotations").as_array();
    set_annotation(annotations, "exec", stored.at("exec").at("kind"));
    stored["version"] = next_version(string_or(stored, "version"));
    stored["updated"] = world_.now_ms();
    if (known) world_.host().instances.retire(string_or(*known, "image"));
    stored["image"] = world_.uuid();
    world_.state().put(collection, name, stored);
    return json_response(200, describe_action(stored, true));
}

ServerResponse OpenWhisk::list_actions(const HttpCall& call, const std::string& package) const {
    const Window window = window_of(world_, call);
    json::array all;
    std::size_t at = 0;
    for (const std::string& key : world_.state().keys(collection)) {
        const bool inside = key.find('/') != std::string::npos;
        if (!package.empty() && !key.starts_with(package + "/")) continue;
        if (package.empty() && inside) continue;
        if (at++ < window.skip || all.size() >= window.limit) continue;
        all.push_back(describe_action(action(key), false));
    }
    if (query_field(call.query, "count") == "true") return json_response(200, json::object{{"actions", at}});
    return json_response(200, all);
}

ServerResponse OpenWhisk::delete_action(const Name& name) {
    const json::object stored = action(name);
    world_.host().instances.retire(string_or(stored, "image"));
    world_.state().erase(collection, name);
    return json_response(200, describe_action(stored, false));
}

} // namespace pyfops::ibm_emulator
