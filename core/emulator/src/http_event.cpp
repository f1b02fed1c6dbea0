// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/http_event.hpp"

#include "pyfops/error.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops {

std::string to_http_event(const ServerRequest& request, const std::string& target) {
    json::array headers;
    for (const HttpHeader& header : request.headers)
        headers.push_back(json::array{header.name, header.value});
    const json::object head{{"method", request.method}, {"target", target}, {"headers", std::move(headers)}};
    return json::serialize(head) + "\n" + request.body;
}

ServerResponse from_http_event(std::string body) {
    const auto end = body.find('\n');
    if (end == std::string::npos) throw Error(ErrorKind::invalid_input, "not an answer over HTTP");
    const json::value head = parse_json(std::string_view(body).substr(0, end), "the head of an answer");
    ServerResponse response;
    const auto status = integer_or(head, "status");
    if (status < 200 || status > 599)
        throw Error(ErrorKind::invalid_input, "an answer over HTTP has no status from 200 to 599");
    response.status = static_cast<int>(status);
    if (const json::value* headers = find(head, "headers"); headers && headers->is_array())
        for (const json::value& header : headers->get_array()) {
            const auto* pair = header.if_array();
            if (!pair || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) continue;
            const std::string name((*pair)[0].get_string()), value((*pair)[1].get_string());
            // A function must not be able to split the answer.
            if ((name + value).find_first_of("\r\n") == std::string::npos) response.headers.add(name, value);
        }
    body.erase(0, end + 1);
    response.body = Bytes(std::move(body));
    return response;
}

} // namespace pyfops
