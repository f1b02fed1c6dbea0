// SPDX-License-Identifier: Apache-2.0
// The control API: what the local cloud tells of itself and lets itself be told, below /_pyfops/.
#include "cloud.hpp"

#include "held_request.hpp"
#include "host_names.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/emulator/call.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <cstdlib>

namespace pyfops {

json::object Cloud::clients() const {
    json::object all;
    for (const auto& face : faces_) {
        json::object variables;
        for (const auto& [name, value] : face.face->environment())
            variables[name] = value;
        all[face.id] =
            json::object{{"environment", std::move(variables)}, {"settings", face.face->client_settings()}};
    }
    return all;
}

json::object Cloud::journal(std::uint64_t from) const {
    json::array list;
    for (const auto& entry : journal_) {
        if (entry.n < from) continue;
        json::object shown{{"n", entry.n},
                           {"provider", entry.face},
                           {"operation", entry.operation},
                           {"method", entry.method},
                           {"path", entry.target},
                           {"status", entry.status},
                           {"outcome", entry.outcome.empty() ? "under way" : entry.outcome}};
        if (!entry.request.empty()) shown["request"] = entry.request;
        list.push_back(std::move(shown));
    }
    return {{"requests", std::move(list)}};
}

json::array Cloud::held() const {
    json::array list;
    for (const auto& [n, waiting] : held_)
        list.push_back(json::object{
            {"n", n}, {"operation", waiting->operation}, {"when", waiting->before ? "before" : "after"}});
    return list;
}

ServerResponse Cloud::control_faults(const ServerRequest& request, std::string_view path) {
    if (path == "/_pyfops/faults" && request.method == "GET") {
        auto report = faults_.report();
        report["held"] = held();
        return json_response(200, report);
    }
    if (request.method != "POST" && request.method != "PUT")
        return json_response(405, json::object{{"error", "POST only"}});
    const auto body =
        request.body.empty() ? json::value(json::object()) : parse_json(request.body, "the request");
    if (!body.is_object()) return json_response(400, json::object{{"error", "an object is wanted"}});
    if (path == "/_pyfops/faults") {
        set_faults(FaultPlan(body.as_object()));
        return json_response(200, faults_.report());
    }
    // {"n": 7} one, {} all; "abandon": true closes the connection instead of going on.
    const auto one = integer_or(body, "n", 0);
    const auto* abandon = find(body, "abandon");
    json::array released;
    for (const auto& [n, waiting] : held_) {
        if (one != 0 && n != static_cast<std::uint64_t>(one)) continue;
        waiting->abandoned = abandon && abandon->is_bool() && abandon->as_bool();
        waiting->timer.cancel();
        released.push_back(n);
    }
    return json_response(200, json::object{{"released", std::move(released)}});
}

bool Cloud::is_control(const ServerRequest& request) {
    return request.target.starts_with("/_pyfops/");
}

ServerResponse Cloud::control(const ServerRequest& request) {
    if (!names_this_machine(request.headers.get("Host")))
        return json_response(
            421, json::object{{"error", "the control API is asked under the name of another host"},
                              {"hint", "address it as 127.0.0.1, localhost or [::1]"}});
    if (!equal_secret(request.headers.get("Authorization"), "Bearer " + token_))
        return json_response(403,
                             json::object{{"error", "the control API needs the token of this local cloud"},
                                          {"hint", "send 'Authorization: Bearer <token>' with the token of "
                                                   "emulator.json in the state directory"}});
    const auto question = request.target.find('?');
    const std::string_view path = std::string_view(request.target).substr(0, question);
    try {
        if (path == "/_pyfops/health") {
            json::object health = health_ ? health_() : json::object();
            json::array ids;
            for (const auto& face : faces_)
                ids.emplace_back(json::string(face.id));
            health["providers"] = std::move(ids);
            return json_response(200, health);
        }
        if (path == "/_pyfops/environment") {
            json::object variables;
            for (const auto& [name, value] : environment())
                variables[name] = value;
            return json_response(200, variables);
        }
        if (path == "/_pyfops/clients") return json_response(200, clients());
        if (path == "/_pyfops/requests") {
            std::uint64_t from = 0;
            const auto query =
                question == std::string::npos ? std::string() : request.target.substr(question + 1);
            if (query.starts_with("from=")) from = std::strtoull(query.c_str() + 5, nullptr, 10);
            return json_response(200, journal(from));
        }
        if (path == "/_pyfops/faults" || path == "/_pyfops/faults/release")
            return control_faults(request, path);
    } catch (const Error& error) {
        return json_response(400, json::object{{"error", error.message()}, {"hint", error.hint()}});
    }
    return json_response(404, json::object{{"error", "there is no such part of the control API"},
                                           {"hint", "docs/emulator.md lists what there is"}});
}

} // namespace pyfops
