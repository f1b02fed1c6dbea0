// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/xml.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace pyfops::azure_emulator {
namespace {

bool is_tenant(std::string_view text) {
    return text == tenant_id || text == "common" || text == "organizations";
}

/// "/<tenant>/oauth2/v2.0/token": msal keeps nothing of an authority but its first segment.
bool is_entra_path(std::string_view path) {
    if (!path.starts_with('/')) return false;
    path.remove_prefix(1);
    const auto end = path.find('/');
    if (end == std::string_view::npos) return false;
    const std::string_view tenant = path.substr(0, end), rest = path.substr(end);
    const bool known =
        rest.starts_with("/oauth2/") || rest.starts_with("/v2.0/") || rest.starts_with("/discovery/");
    // Of unknown tenants only the token address is told apart: its refusal names the tenant.
    return known && (is_tenant(tenant) || rest.starts_with("/oauth2/v2.0/token"));
}

Service by_host(std::string_view host) {
    if (host == login_host) return Service::entra;
    if (host == manager_host) return Service::manager;
    if (host == insights_host) return Service::insights;
    if (host.ends_with(scm_suffix)) return Service::scm;
    if (host.ends_with(site_suffix)) return Service::app;
    if (host.ends_with(blob_suffix)) return Service::blob;
    return Service::none;
}

std::string message_of(const ApiError& error) {
    return error.message.empty() ? "A fault that was asked for" : error.message;
}

ServerResponse entra_error(const ApiError& error, const World& world) {
    json::array codes;
    if (error.message.starts_with("AADSTS")) codes.push_back(std::stoll(error.message.substr(6)));
    const std::string trace = world.uuid(), correlation = world.uuid();
    const std::string text = message_of(error) + " Trace ID: " + trace + " Correlation ID: " + correlation +
                             " Timestamp: " + world.now_text();
    return json_response(error.status, json::object{{"error", error.code},
                                                    {"error_description", text},
                                                    {"error_codes", codes},
                                                    {"timestamp", world.now_text()},
                                                    {"trace_id", trace},
                                                    {"correlation_id", correlation}});
}

/// Microsoft.Web has a form of its own.
ServerResponse web_error(const ApiError& error) {
    const std::string text = message_of(error);
    const json::object entity{{"ExtendedCode", "51021"},
                              {"MessageTemplate", text},
                              {"Parameters", json::array()},
                              {"Code", error.code},
                              {"Message", text}};
    const json::array details{json::object{{"Message", text}}, json::object{{"Code", error.code}},
                              json::object{{"ErrorEntity", entity}}};
    return json_response(error.status, json::object{{"Code", error.code},
                                                    {"Message", text},
                                                    {"Target", nullptr},
                                                    {"Details", details},
                                                    {"Innererror", nullptr}});
}

} // namespace

Service service_of(const ServerRequest& request) {
    const AddressedHost whom = addressed_host(request);
    if (const Service named = by_host(whom.host); named != Service::none) return named;
    if (!whom.prefix.empty()) return Service::none;
    const std::string path = whom.target.substr(0, whom.target.find('?'));
    if (path == "/subscriptions" || path.starts_with("/subscriptions/") ||
        path.starts_with("/providers/Microsoft."))
        return Service::manager;
    return is_entra_path(path) ? Service::entra : Service::none;
}

Call make_call(const World& world, const ServerRequest& request) {
    Call call;
    try {
        static_cast<HttpCall&>(call) = read_call(request);
    } catch (const Error& failure) {
        throw ApiError(400, "BadRequest", failure.message());
    }
    call.service = service_of(request);
    call.base = (request.tls ? world.host().base_url_tls : world.host().base_url) + call.prefix;
    return call;
}

ServerResponse error_answer(const Call& call, const ApiError& error, const World& world) {
    switch (call.service) {
    case Service::entra:
        return entra_error(error, world);
    case Service::app:
        return empty_response(error.status);
    case Service::scm:
        return text_response(error.status, "text/plain; charset=utf-8", message_of(error));
    case Service::blob: {
        const std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" +
                                 sdk::xml_escape(error.code) + "</Code><Message>" +
                                 sdk::xml_escape(message_of(error)) + "</Message></Error>";
        ServerResponse answer = text_response(error.status, "application/xml", body);
        answer.headers.set("x-ms-error-code", error.code);
        return answer;
    }
    default:
        break;
    }
    // What the manager itself refuses comes before the resource provider is asked.
    const bool of_web = call.operation.starts_with("web:") && error.code != "ResourceNotFound" &&
                        error.code != "ResourceGroupNotFound" && error.status != 401 && error.status != 403 &&
                        error.status != 429;
    if (of_web) return web_error(error);
    return json_response(error.status,
                         json::object{{"error", {{"code", error.code}, {"message", message_of(error)}}}});
}

json::object json_body(const Call& call) {
    if (call.body.empty()) return {};
    try {
        json::value value = parse_json(call.body, "the request", {.max_bytes = 4u << 20});
        if (auto* object = value.if_object()) return std::move(*object);
    } catch (const Error& failure) {
        throw ApiError(400, "InvalidRequestContent",
                       "The request content was invalid and could not be deserialized: '" +
                           failure.message() + "'.");
    }
    throw ApiError(400, "InvalidRequestContent", "The request content was invalid: it is not an object.");
}

ServerResponse page_of(const Call& call, json::array all, const World& world) {
    constexpr std::size_t most = 50;
    const auto place = [](const json::value& one) { return lower_case(string_or(one, "id")); };
    std::sort(all.begin(), all.end(), [&place](const json::value& one, const json::value& other) {
        return place(one) < place(other);
    });
    const std::string after = call.parameter("$skipToken").value_or("");
    json::array page;
    json::value next = nullptr;
    for (json::value& one : all) {
        if (place(one) <= after) continue;
        if (page.size() == world.page(most)) {
            next = call.base + call.path + "?api-version=" + call.parameter("api-version").value_or("") +
                   "&$skipToken=" + percent_encode(place(page.back()));
            break;
        }
        page.push_back(std::move(one));
    }
    return json_response(200, json::object{{"value", std::move(page)}, {"nextLink", std::move(next)}});
}

ServerResponse accepted(const std::string& header, const std::string& url, std::int64_t duration_ms) {
    ServerResponse answer = empty_response(202);
    answer.headers.set(header, url);
    if (duration_ms >= 1000) answer.headers.set("Retry-After", std::to_string((duration_ms + 999) / 1000));
    return answer;
}

} // namespace pyfops::azure_emulator
