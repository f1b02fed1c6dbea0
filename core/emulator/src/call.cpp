// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/call.hpp"

#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace pyfops {

QueryFields parse_query(std::string_view text, bool plus_is_space) {
    QueryFields fields;
    for (const std::string_view part : split(text, '&')) {
        if (part.empty()) continue;
        std::string pair(part);
        if (plus_is_space) std::replace(pair.begin(), pair.end(), '+', ' ');
        const auto equals = pair.find('=');
        std::string name = percent_decode(std::string_view(pair).substr(0, equals));
        std::string value =
            equals == std::string::npos ? "" : percent_decode(std::string_view(pair).substr(equals + 1));
        fields.emplace_back(std::move(name), std::move(value));
    }
    return fields;
}

std::optional<std::string> query_field(const QueryFields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return std::nullopt;
}

AddressedHost addressed_host(const ServerRequest& request) {
    const std::string_view target = request.target;
    const auto end = target.find_first_of("/?", 1);
    const std::string_view first = target.substr(0, end);
    if (first.size() > 1 && first.find('.') != std::string_view::npos) {
        std::string rest = end == std::string_view::npos ? "/" : std::string(target.substr(end));
        if (rest.front() == '?') rest.insert(0, "/");
        return {lower_case(first.substr(1)), std::string(first), std::move(rest)};
    }
    std::string host = lower_case(request.headers.get("Host"));
    host.erase(std::min(host.find(':'), host.size()));
    return {std::move(host), "", request.target};
}

HttpCall read_call(const ServerRequest& request) {
    AddressedHost whom = addressed_host(request);
    HttpCall call;
    call.method = request.method;
    call.host = std::move(whom.host);
    call.prefix = std::move(whom.prefix);
    call.headers = request.headers;
    call.body = request.body;
    call.tls = request.tls;
    const auto question = whom.target.find('?');
    call.path = whom.target.substr(0, question);
    if (question != std::string::npos)
        call.query = parse_query(std::string_view(whom.target).substr(question + 1), false);
    std::string_view rest = call.path;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (!rest.empty())
        for (const std::string_view segment : split(rest, '/'))
            call.segments.push_back(percent_decode(segment));
    return call;
}

std::string bearer_token(const HttpHeaders& headers) {
    const std::string value = headers.get("Authorization");
    constexpr std::string_view scheme = "bearer ";
    if (value.size() <= scheme.size() || lower_case(value.substr(0, scheme.size())) != scheme) return {};
    return std::string(trimmed(std::string_view(value).substr(scheme.size())));
}

ServerResponse json_response(int status, const json::value& body) {
    return text_response(status, "application/json", json::serialize(body));
}

ServerResponse text_response(int status, std::string_view content_type, std::string body) {
    ServerResponse response;
    response.status = status;
    response.headers.set("Content-Type", std::string(content_type));
    response.body = Bytes(std::move(body));
    return response;
}

ServerResponse empty_response(int status) {
    ServerResponse response;
    response.status = status;
    return response;
}

} // namespace pyfops
