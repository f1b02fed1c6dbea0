// SPDX-License-Identifier: Apache-2.0
// Actions that are exported to the web: HTTP to arguments, and the result to HTTP.
#include "openwhisk.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

#include <array>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::array reserved{"__ow_method", "__ow_headers", "__ow_path",
                              "__ow_user",   "__ow_query",   "__ow_body"};
constexpr std::size_t most_payload = 1u << 20;

struct Address {
    std::string name, extension, path;
};

/// web/{ns}/{package|default}/{name}[.ext]/{path}
Address read_address(const HttpCall& call) {
    const auto& parts = call.segments;
    Address address{parts[5], "http", ""};
    for (const char* extension : {"http", "json", "html", "svg", "text"})
        if (address.name.ends_with(std::string(".") + extension)) {
            address.name.resize(address.name.size() - std::string_view(extension).size() - 1);
            address.extension = extension;
            break;
        }
    if (parts[4] != "default") address.name = parts[4] + "/" + address.name;
    for (std::size_t i = 6; i < parts.size(); ++i)
        address.path += "/" + parts[i];
    return address;
}

std::string media_type(const std::string& header) {
    return lower_case(trimmed(std::string_view(header).substr(0, header.find(';'))));
}

bool is_json(const std::string& type) {
    return type == "application/json" || type.ends_with("+json");
}

bool is_binary(const std::string& type) {
    return !type.starts_with("text/") && type != "application/x-www-form-urlencoded" &&
           type != "application/xml" && !type.ends_with("+xml") && !type.empty();
}

json::object arguments_of(const HttpCall& call, const Address& address, bool raw) {
    const std::string type = media_type(call.headers.get("Content-Type"));
    json::object arguments;
    json::object headers;
    for (const HttpHeader& header : call.headers)
        headers[lower_case(header.name)] = header.value;
    if (raw) {
        const auto question = call.query;
        std::string query;
        for (const auto& [name, value] : question)
            query += (query.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
        arguments["__ow_query"] = query;
    } else {
        for (const auto& [name, value] : call.query)
            arguments[name] = value;
    }
    const auto merge = [&](const json::object& more) {
        for (const auto& member : more)
            arguments[member.key()] = member.value();
    };
    if (call.body.empty()) {
        if (raw) arguments["__ow_body"] = json::object();
    } else if (!raw && type == "application/json") {
        json::value value = parse_json(call.body, "the body");
        if (value.is_object())
            merge(value.as_object());
        else
            arguments["__ow_body"] = std::move(value);
    } else if (!raw && type == "application/x-www-form-urlencoded") {
        for (const auto& [name, value] : parse_query(call.body, true))
            arguments[name] = value;
    } else {
        arguments["__ow_body"] = is_json(type) || is_binary(type) ? base64(call.body) : call.body;
    }
    if (!raw)
        for (const char* name : reserved)
            if (arguments.contains(name) && std::string_view(name) != "__ow_body")
                throw ApiError(
                    400, "", "Request defines parameters that are not allowed (e.g., reserved properties).");
    arguments["__ow_method"] = lower_case(call.method);
    arguments["__ow_headers"] = std::move(headers);
    arguments["__ow_path"] = address.path;
    return arguments;
}

[[noreturn]] void not_http() {
    throw ApiError(400, "", "Response is not valid 'message/http'.");
}

void add_headers(ServerResponse& answer, const std::string& name, const json::value& value) {
    if (const auto* list = value.if_array())
        for (const json::value& one : *list)
            add_headers(answer, name, one);
    else if (const auto* text = value.if_string())
        answer.headers.add(name, std::string(*text));
    else if (value.is_bool() || value.is_number())
        answer.headers.add(name, json::serialize(value));
    else
        not_http();
}

/// {statusCode, headers, body}
ServerResponse http_answer(const json::value& result) {
    const auto* fields = result.if_object();
    if (!fields) not_http();
    ServerResponse answer;
    if (const json::value* headers = fields->if_contains("headers")) {
        if (!headers->is_object()) not_http();
        for (const auto& header : headers->as_object())
            add_headers(answer, std::string(header.key()), header.value());
    }
    std::optional<int> status;
    if (const json::value* code = fields->if_contains("statusCode")) {
        if (!code->is_int64() || code->as_int64() < 100 || code->as_int64() > 599) not_http();
        status = static_cast<int>(code->as_int64());
    }
    const json::value* body = fields->if_contains("body");
    const bool empty = !body || body->is_null() || (body->is_string() && body->as_string().empty());
    answer.status = status.value_or(empty ? 204 : 200);
    const std::string type = media_type(answer.headers.get("Content-Type"));
    if (empty) {
        answer.headers.erase("Content-Type");
    } else if (!body->is_string()) {
        if (!type.empty() && !is_json(type))
            throw ApiError(400, "", "Response Content-Type header does not match generated content type.");
        answer.headers.set("Content-Type", type.empty() ? "application/json" : type);
        answer.body = Bytes(json::serialize(*body));
    } else {
        std::string text(body->as_string());
        // JSON as text is base64, for legacy reasons, as all that is binary.
        if (is_json(type) || is_binary(type)) {
            try {
                text = base64_decode(text);
            } catch (const Error&) {
                throw ApiError(400, "",
                               "Response Content-Type header does not match generated content type.");
            }
        }
        if (type.empty()) answer.headers.set("Content-Type", "text/html; charset=UTF-8");
        answer.body = Bytes(std::move(text));
    }
    return answer;
}

ServerResponse answer_of(const json::value& result, const std::string& extension) {
    if (extension == "http") return http_answer(result);
    if (extension == "json") {
        if (!result.is_object() && !result.is_array())
            throw ApiError(400, "", "Response is not valid 'application/json'.");
        return json_response(200, result);
    }
    if (extension == "text") return text_response(200, "text/plain; charset=UTF-8", json::serialize(result));
    const json::value* content = find(result, extension);
    if (!content || !content->is_string())
        throw ApiError(404, "", "Response does not include requested property.");
    return text_response(200, extension == "svg" ? "image/svg+xml" : "text/html; charset=UTF-8",
                         std::string(content->as_string()));
}

} // namespace

Task<ServerResponse> OpenWhisk::web(HttpCall call, std::string) {
    const Address address = read_address(call);
    if (call.segments[3] != "guest") throw ApiError(404, "", "The requested resource does not exist.");
    json::object stored = action(address.name);
    if (!annotation_is_true(stored, "web-export"))
        throw ApiError(404, "", "The requested resource does not exist.");
    if (annotation_is_true(stored, "require-whisk-auth")) authenticate(call);
    if (call.body.size() > most_payload)
        throw ApiError(413, "", "The size of the request is larger than allowed.");
    json::object arguments;
    try {
        arguments = arguments_of(call, address, annotation_is_true(stored, "raw-http"));
    } catch (const Error& error) {
        throw ApiError(400, "", "The request content was malformed:\n" + error.message());
    }
    const std::string id = hex(random_bytes(16));
    auto running = run(std::move(stored), std::move(arguments), id);
    const Run done = co_await std::move(running);
    const json::object& response = done.activation.at("response").as_object();
    ServerResponse answer;
    try {
        const json::value& result = response.at("result");
        const std::string status = string_or(response, "status");
        if (status == "success")
            answer = answer_of(result, address.extension);
        else if (status == "application error")
            answer = answer_of(result.at("error"), address.extension); // the error is the answer
        else
            throw ApiError(400, "", "There was an error processing your request.");
    } catch (const ApiError& error) {
        answer = error_answer(Api::openwhisk, error, id);
    }
    answer.headers.set("x-openwhisk-activation-id", id);
    answer.headers.set("x-pyfops-ran-on", done.ran_on);
    co_return answer;
}

} // namespace pyfops::ibm_emulator
