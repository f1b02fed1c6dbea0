// SPDX-License-Identifier: Apache-2.0
// Function URLs: HTTP to an event of payload format 2.0 and back.
#include "lambda.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace pyfops::aws_emulator {

namespace {

[[noreturn]] void forbidden() {
    throw ApiError(403, "AccessDeniedException",
                   "Forbidden. For troubleshooting Function URL authorization issues, see: "
                   "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html");
}

/// A public URL needs two statements: one to call the URL, one to invoke the function through it.
bool is_public(const json::array& statements) {
    bool url = false, invoke = false;
    for (const auto& statement : statements) {
        if (string_or(statement, "Principal") != "*" || string_or(statement, "Effect") != "Allow") continue;
        const auto* condition = find(statement, "Condition");
        const auto* equals = condition ? find(*condition, "StringEquals") : nullptr;
        const auto* flags = condition ? find(*condition, "Bool") : nullptr;
        const std::string action = string_or(statement, "Action");
        if (action == "lambda:InvokeFunctionUrl")
            url = url || (equals && string_or(*equals, "lambda:FunctionUrlAuthType") == "NONE");
        if (action == "lambda:InvokeFunction")
            invoke = invoke || !condition ||
                     (flags && string_or(*flags, "lambda:InvokedViaFunctionUrl") == "true");
    }
    return url && invoke;
}

bool is_text(const std::string& type) {
    return type.empty() || type.starts_with("text/") || type.starts_with("application/json") ||
           type.starts_with("application/xml") || type.starts_with("application/javascript") ||
           type.find("+json") != std::string::npos || type.find("+xml") != std::string::npos ||
           type.starts_with("application/x-www-form-urlencoded");
}

std::string log_time(SystemTime now) {
    return fmt::format("{:%d/%b/%Y:%H:%M:%S} +0000", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

struct UrlRequest {
    std::string domain;
    std::string path;
    std::string query;
};

UrlRequest split(const std::string& target) {
    const auto question = target.find('?');
    UrlRequest request;
    if (question != std::string::npos) request.query = target.substr(question + 1);
    const std::string path = target.substr(0, question);
    const auto slash = path.find('/', 1);
    request.domain = path.substr(1, slash == std::string::npos ? slash : slash - 1);
    request.path = slash == std::string::npos ? "/" : path.substr(slash);
    return request;
}

/// Repeated names are joined by commas.
void join(json::object& into, const std::string& name, const std::string& value) {
    if (auto* known = into.if_contains(name))
        *known = json::string(std::string(known->as_string()) + "," + value);
    else
        into[name] = value;
}

json::object payload(const World& world, const Call& call, const ServerRequest& request,
                     const UrlRequest& url) {
    json::object headers, query;
    json::array cookies;
    for (const auto& header : request.headers) {
        const std::string name = lower_case(header.name);
        if (name == "cookie") {
            std::string_view rest = header.value;
            while (!rest.empty()) {
                const auto end = std::min(rest.find(';'), rest.size());
                auto one = rest.substr(0, end);
                while (one.starts_with(' '))
                    one.remove_prefix(1);
                cookies.emplace_back(json::string(one));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        } else if (name != "connection") {
            join(headers, name, header.value);
        }
    }
    headers["host"] = url.domain;
    headers["x-forwarded-for"] = "127.0.0.1";
    headers["x-forwarded-port"] = "443";
    headers["x-forwarded-proto"] = "https";
    headers["x-amzn-tls-version"] = "TLSv1.3";
    headers["x-amzn-tls-cipher-suite"] = "TLS_AES_128_GCM_SHA256";
    headers["x-amzn-trace-id"] =
        fmt::format("Root=1-{:08x}-{}", world.now_ms() / 1000, hex(random_bytes(12)));
    for (const auto& [name, value] : parse_fields(url.query, true))
        join(query, name, value);
    const std::string id = url.domain.substr(0, url.domain.find('.'));
    json::object context{{"accountId", call.principal.empty() ? "anonymous" : std::string(account)},
                         {"apiId", id},
                         {"domainName", url.domain},
                         {"domainPrefix", id},
                         {"http",
                          {{"method", request.method},
                           {"path", percent_decode(url.path)},
                           {"protocol", "HTTP/1.1"},
                           {"sourceIp", "127.0.0.1"},
                           {"userAgent", request.headers.get("User-Agent")}}},
                         {"requestId", call.request_id},
                         {"routeKey", "$default"},
                         {"stage", "$default"},
                         {"time", log_time(world.now())},
                         {"timeEpoch", world.now_ms()}};
    if (!call.principal.empty())
        context["authorizer"] = {{"iam", {{"accountId", account}, {"userArn", call.principal}}}};
    json::object event{{"version", "2.0"},
                       {"routeKey", "$default"},
                       {"rawPath", percent_decode(url.path)},
                       {"rawQueryString", url.query},
                       {"headers", headers},
                       {"requestContext", context},
                       {"isBase64Encoded", false}};
    if (!cookies.empty()) event["cookies"] = std::move(cookies);
    if (!query.empty()) event["queryStringParameters"] = std::move(query);
    if (!request.body.empty()) {
        const bool text = is_text(request.headers.get("Content-Type"));
        event["body"] = text ? request.body : base64(request.body);
        event["isBase64Encoded"] = !text;
    }
    return event;
}

ServerResponse bad_gateway() {
    auto answer = empty_response(502);
    answer.headers.set("Content-Type", "application/json");
    answer.body = Bytes("Internal Server Error");
    return answer;
}

/// What the function returned, as HTTP: {statusCode, headers, body, ...} or any JSON with status 200.
ServerResponse to_http(const std::string& body) {
    ServerResponse answer;
    answer.headers.set("Content-Type", "application/json");
    json::value value;
    try {
        value = parse_json(body, "the answer", {.max_bytes = 8u << 20, .max_depth = 500});
    } catch (const Error&) {
        return bad_gateway();
    }
    const auto* status = find(value, "statusCode");
    if (!status) {
        const auto* text = value.if_string();
        answer.body = Bytes(text ? std::string(*text) : body);
        return answer;
    }
    answer.status = static_cast<int>(integer_or(value, "statusCode", 0));
    if (answer.status < 100 || answer.status > 599) return bad_gateway();
    if (const auto* headers = find(value, "headers"); headers && headers->is_object())
        for (const auto& header : headers->as_object())
            answer.headers.set(std::string(header.key()), header.value().is_string()
                                                              ? std::string(header.value().as_string())
                                                              : json::serialize(header.value()));
    if (const auto* cookies = find(value, "cookies"); cookies && cookies->is_array())
        for (const auto& cookie : cookies->as_array())
            if (cookie.is_string()) answer.headers.add("Set-Cookie", std::string(cookie.as_string()));
    const auto* content = find(value, "body");
    if (!content || content->is_null()) return answer;
    std::string text = content->is_string() ? std::string(content->as_string()) : json::serialize(*content);
    const auto* encoded = find(value, "isBase64Encoded");
    if (encoded && encoded->is_bool() && encoded->as_bool()) {
        try {
            text = base64_decode(text);
        } catch (const Error&) {
            return bad_gateway();
        }
    }
    answer.body = Bytes(std::move(text));
    return answer;
}

} // namespace

bool Lambda::is_url_host(std::string_view host) {
    return host.find(".lambda-url.") != std::string_view::npos && host.ends_with(".on.aws");
}

Task<ServerResponse> Lambda::call_url(ServerRequest request, Call call) {
    const UrlRequest url = split(request.target);
    const auto index = world_.state().get("aws/urls", url.domain.substr(0, url.domain.find('.')));
    auto function = index ? load(string_or(*index, "region"), string_or(*index, "name")) : std::nullopt;
    if (!function) throw ApiError(404, "ResourceNotFoundException", "Not Found");
    const std::string qualifier = string_or(*index, "qualifier");
    const auto* config = function->member("urls").if_contains(qualifier);
    if (!config) forbidden();
    if (!qualifier.empty() && !function->member("aliases").contains(qualifier)) forbidden();
    if (string_or(*config, "AuthType") == "AWS_IAM") {
        if (call.principal.empty()) forbidden();
    } else {
        const auto* statements = function->member("policies").if_contains(qualifier);
        if (!statements || !is_public(statements->as_array())) forbidden();
    }
    Target asked = target(function->reference(qualifier));
    const json::object event = payload(world_, call, request, url);
    auto running = execute(std::move(asked), call.request_id, json::serialize(event), {});
    const Execution execution = co_await std::move(running);
    ServerResponse answer = execution.failed ? bad_gateway() : to_http(execution.body);
    answer.headers.set("x-amzn-RequestId", call.request_id);
    answer.headers.set("x-pyfops-ran-on", execution.result.ran_on);
    co_return answer;
}

} // namespace pyfops::aws_emulator
