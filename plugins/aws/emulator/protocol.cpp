// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/xml.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops::aws_emulator {

Protocol protocol_of(std::string_view service) {
    if (service == "s3") return Protocol::rest_xml;
    if (service == "iam" || service == "sts") return Protocol::query;
    if (service == "logs") return Protocol::json;
    return Protocol::rest_json;
}

std::optional<std::string> Call::parameter(std::string_view name) const {
    return query_field(query, name);
}

namespace {

std::string decode(std::string_view text) {
    try {
        return percent_decode(text);
    } catch (const Error&) {
        throw ApiError(400, "BadRequest", "The request contains a broken percent escape");
    }
}

} // namespace

Fields parse_fields(std::string_view text, bool plus_is_space) {
    try {
        return parse_query(text, plus_is_space);
    } catch (const Error&) {
        throw ApiError(400, "BadRequest", "The request contains a broken percent escape");
    }
}

std::string field(const Fields& fields, std::string_view name) {
    return query_field(fields, name).value_or("");
}

Call make_call(const ServerRequest& request) {
    Call call;
    call.method = request.method;
    call.headers = request.headers;
    call.body = request.body;
    call.tls = request.tls;
    const auto question = request.target.find('?');
    call.path = request.target.substr(0, question);
    if (question != std::string::npos)
        call.query = parse_fields(std::string_view(request.target).substr(question + 1), false);
    std::string_view rest = call.path;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('/'), rest.size());
        call.segments.push_back(decode(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return call;
}

std::string element(std::string_view name, std::string_view text) {
    return fmt::format("<{0}>{1}</{0}>", name, sdk::xml_escape(text));
}

std::vector<std::string> xml_elements(std::string_view document, std::string_view name) {
    std::vector<std::string> found;
    const std::string open = fmt::format("<{}>", name);
    const std::string close = fmt::format("</{}>", name);
    std::size_t at = 0;
    while ((at = document.find(open, at)) != std::string_view::npos) {
        const auto end = document.find(close, at);
        if (end == std::string_view::npos) break;
        found.emplace_back(document.substr(at + open.size(), end - at - open.size()));
        at = end + close.size();
    }
    return found;
}

std::optional<std::string> xml_text(std::string_view document, std::string_view name) {
    const auto all = xml_elements(document, name);
    if (all.empty()) return std::nullopt;
    std::string text = all.front();
    constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&#39;", "'"}, {"&amp;", "&"}};
    for (const auto& [from, to] : entities)
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    return text;
}

ServerResponse xml_answer(int status, const std::string& body) {
    return text_response(status, "text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + body);
}

namespace {

/// Which member holds the text differs by error: the recorded answers and the service model say so.
std::string_view message_member(std::string_view code) {
    const bool upper = code == "ResourceNotFoundException" || code == "ServiceException" ||
                       code == "InvalidRuntimeException" || code == "InvalidZipFileException" ||
                       code == "AccessDeniedException";
    return upper ? "Message" : "message";
}

bool has_type(std::string_view code) {
    return code != "ValidationException" && code != "RequestEntityTooLargeException" &&
           code != "UnrecognizedClientException" && code != "InvalidSignatureException" &&
           code != "ExpiredTokenException" && code != "IncompleteSignatureException" &&
           code != "MissingAuthenticationTokenException" && code != "AccessDeniedException";
}

ServerResponse rest_json_error(const ApiError& error) {
    json::object body = error.members;
    if (has_type(error.code)) body["Type"] = error.status < 500 ? "User" : "Service";
    body[message_member(error.code)] = error.message;
    auto answer = json_response(error.status, body);
    answer.headers.set("x-amzn-ErrorType", error.code);
    return answer;
}

std::string xml_members(const ApiError& error) {
    std::string text;
    for (const auto& member : error.members)
        text += element(std::string_view(member.key()), member.value().is_string()
                                                            ? std::string(member.value().as_string())
                                                            : json::serialize(member.value()));
    return text;
}

} // namespace

ServerResponse error_answer(Protocol protocol, std::string_view service, const ApiError& error,
                            const std::string& request_id, std::string_view resource) {
    switch (protocol) {
    case Protocol::rest_json:
        return rest_json_error(error);
    case Protocol::json: {
        auto answer =
            json_response(error.status, json::object{{"__type", error.code}, {"message", error.message}});
        answer.headers.set("Content-Type", "application/x-amz-json-1.1");
        return answer;
    }
    case Protocol::query:
        return xml_answer(
            error.status,
            fmt::format("<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type>{}{}{}</Error>{}</ErrorResponse>",
                        service == "iam" ? "https://iam.amazonaws.com/doc/2010-05-08/"
                                         : "https://sts.amazonaws.com/doc/2011-06-15/",
                        error.status < 500 ? "Sender" : "Receiver", element("Code", error.code),
                        element("Message", error.message), xml_members(error),
                        element("RequestId", request_id)));
    case Protocol::rest_xml:
        break;
    }
    auto answer = xml_answer(error.status,
                             fmt::format("<Error>{}{}{}{}{}</Error>", element("Code", error.code),
                                         element("Message", error.message), xml_members(error),
                                         element("Resource", resource), element("RequestId", request_id)));
    answer.headers.set("Content-Type", "application/xml");
    return answer;
}

json::object json_body(const Call& call) {
    if (call.body.empty()) return {};
    try {
        // 64 levels are enough for every shape; the size was limited before the signature was checked.
        auto value = parse_json(call.body, "the request", {.max_bytes = 128u << 20, .max_depth = 64});
        if (auto* object = value.if_object()) return std::move(*object);
    } catch (const Error& error) {
        throw ApiError(400, "SerializationException", error.message());
    }
    throw ApiError(400, "SerializationException", "Start of structure or map found where not expected.");
}

} // namespace pyfops::aws_emulator
