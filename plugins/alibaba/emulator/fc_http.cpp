// SPDX-License-Identifier: Apache-2.0
// The URL of an HTTP trigger: a request becomes an event, the answer becomes a response.
#include "fc.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t most_body = 32u << 20;

bool is_text(const std::string& type) {
    return type.empty() || type.starts_with("text/") || type.starts_with("application/json") ||
           type.starts_with("application/xml") || type.find("+json") != std::string::npos ||
           type.find("+xml") != std::string::npos || type.starts_with("application/x-www-form-urlencoded");
}

json::object event_of(const World& world, const Call& call, const ServerRequest& request) {
    json::object headers, query;
    for (const auto& header : request.headers) {
        const std::string name = lower_case(header.name);
        if (name != "connection" && name != "authorization") headers[header.name] = header.value;
    }
    for (const auto& [name, value] : call.query)
        query[name] = value;
    const bool text = is_text(request.headers.get("Content-Type"));
    return {{"version", "v1"},
            {"rawPath", percent_decode(call.path)},
            {"body", text ? request.body : base64(request.body)},
            {"isBase64Encoded", !text},
            {"headers", std::move(headers)},
            {"queryParameters", std::move(query)},
            {"requestContext",
             {{"accountId", account},
              {"domainName", call.host},
              {"domainPrefix", call.host.substr(0, call.host.find('.'))},
              {"http",
               {{"method", request.method},
                {"path", percent_decode(call.path)},
                {"protocol", "HTTP/1.1"},
                {"sourceIp", "127.0.0.1"},
                {"userAgent", request.headers.get("User-Agent")}}},
              {"requestId", call.request_id},
              {"time", to_iso8601(world.now())},
              {"timeEpoch", std::to_string(world.now_ms())}}}};
}

ServerResponse failed(const std::string& body) {
    return text_response(502, "application/json", body);
}

/// {"statusCode", "headers", "isBase64Encoded", "body"}, or anything with status 200.
ServerResponse to_http(const std::string& body) {
    json::value value;
    try {
        value = parse_json(body, "the answer", {.max_bytes = 64u << 20, .max_depth = 500});
    } catch (const Error&) {
        return text_response(200, "text/plain; charset=utf-8", body);
    }
    if (!value.is_object() || !find(value, "statusCode")) return text_response(200, "application/json", body);
    ServerResponse answer;
    answer.status = static_cast<int>(integer_or(value, "statusCode", 0));
    if (answer.status < 100 || answer.status > 599)
        return failed(R"({"errorMessage":"The statusCode of the answer is not valid"})");
    if (const auto* headers = find(value, "headers"); headers && headers->is_object())
        for (const auto& header : headers->as_object()) {
            const std::string text = header.value().is_string() ? std::string(header.value().as_string())
                                                                : json::serialize(header.value());
            // A function must not be able to split the answer.
            if (text.find_first_of("\r\n") == std::string::npos)
                answer.headers.set(std::string(header.key()), text);
        }
    const auto* content = find(value, "body");
    if (!content || content->is_null()) return answer;
    std::string text = content->is_string() ? std::string(content->as_string()) : json::serialize(*content);
    const auto* encoded = find(value, "isBase64Encoded");
    if (encoded && encoded->is_bool() && encoded->as_bool()) {
        try {
            text = base64_decode(text);
        } catch (const Error&) {
            return failed(R"({"errorMessage":"The body of the answer is not base64"})");
        }
    }
    answer.body = Bytes(std::move(text));
    return answer;
}

} // namespace

Task<ServerResponse> FunctionCompute::call_trigger(ServerRequest request, Call call) {
    const std::string id = call.host.substr(0, call.host.find('.'));
    const auto index = world_.state().get("alibaba/urls", id);
    auto function = index ? load(string_or(*index, "region"), string_or(*index, "name")) : std::nullopt;
    const auto* trigger =
        function ? function->member("triggers").if_contains(string_or(*index, "trigger")) : nullptr;
    if (!trigger || function->region() != call.region)
        throw ApiError(404, "TriggerNotFound", fmt::format("there is no trigger at {}", call.host));
    const json::value config = parse_json(string_or(*trigger, "triggerConfig"), "the trigger");
    const std::string auth = string_or(config, "authType");
    if (auth == "jwt")
        throw ApiError(501, "NotImplemented", "the local cloud does not check JWTs of triggers");
    if (auth == "function" && call.key_id.empty())
        throw ApiError(403, "AccessDenied",
                       "the trigger wants a signature: required HTTP header Authorization");
    const auto* methods = find(config, "methods");
    const auto& allowed = methods->as_array();
    if (std::none_of(allowed.begin(), allowed.end(),
                     [&request](const json::value& one) { return one == json::string(request.method); }))
        throw ApiError(405, "MethodNotAllowed", fmt::format("the trigger does not take {}", request.method));
    if (request.body.size() > most_body)
        throw ApiError(400, "EntityTooLarge",
                       fmt::format("payload size exceeds maximum allowed size ({} bytes)", most_body));
    Target asked = target(*function, string_or(*trigger, "qualifier"));
    check_concurrency(asked);
    std::string event = json::serialize(event_of(world_, call, request));
    auto running = execute(asked, call.request_id, std::move(event));
    const Execution execution = co_await std::move(running);
    ServerResponse answer = execution.error_type.empty() ? to_http(execution.body) : failed(execution.body);
    add_headers(answer, execution, asked);
    co_return answer;
}

} // namespace pyfops::alibaba_emulator
