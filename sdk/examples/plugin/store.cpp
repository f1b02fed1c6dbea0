// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <utility>

namespace acme {

using namespace pyfops;

namespace {

constexpr const char* functions = "acme.functions";
constexpr const char* logs = "acme.logs";
constexpr std::size_t most_lines = 1000;

} // namespace

void Store::save(const std::string& key, const json::object& document) {
    world_.state().put(functions, key, document);
}

std::optional<json::object> Store::get(const std::string& key) {
    auto document = world_.state().get(functions, key);
    if (!document || integer_or(*document, "until") > world_.now_ms()) return document;
    const std::string state = string_or(*document, "state");
    if (state == "deleting") {
        world_.state().erase(functions, key);
        world_.state().erase(logs, key);
        return std::nullopt;
    }
    if (state == "pending") {
        const auto trouble = world_.setting("states.fail");
        (*document)["state"] = trouble ? "failed" : "ready";
        if (trouble) (*document)["reason"] = *trouble;
        save(key, *document);
    }
    return document;
}

std::vector<std::string> Store::keys(const std::string& region) {
    std::vector<std::string> found;
    for (std::string& key : world_.state().keys(functions, region + "/"))
        if (get(key)) found.push_back(std::move(key));
    return found;
}

json::object Store::change(const std::string& key, json::object document) {
    world_.host().instances.retire(string_or(document, "image"));
    document["image"] = key + "/" + world_.uuid();
    document["state"] = "pending";
    document["until"] = world_.now_ms() + world_.setting("states.slow_ms", 0);
    document.erase("reason");
    save(key, document);
    return document;
}

void Store::remove(const std::string& key) {
    auto document = get(key);
    if (!document || string_or(*document, "state") == "deleting") return;
    world_.host().instances.retire(string_or(*document, "image"));
    (*document)["state"] = "deleting";
    (*document)["until"] = world_.now_ms() + world_.setting("states.deleting_ms", 0);
    save(key, *document);
}

void Store::log(const std::string& key, const std::string& text) {
    json::object kept = world_.state().get(logs, key).value_or(json::object{{"lines", json::array()}});
    json::array& all = kept["lines"].as_array();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        all.push_back(json::object{{"time", world_.now_ms()}, {"text", text.substr(at, end - at)}});
        at = end + 1;
    }
    if (all.size() > most_lines) all.erase(all.begin(), all.end() - most_lines);
    world_.state().put(logs, key, std::move(kept));
}

json::array Store::lines(const std::string& key, long long since, std::size_t limit) const {
    json::array found;
    const json::object kept = world_.state().get(logs, key).value_or(json::object{{"lines", json::array()}});
    for (const json::value& line : kept.at("lines").as_array())
        if (integer_or(line, "time") >= since) found.push_back(line);
    if (found.size() > limit) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
    return found;
}

} // namespace acme
