// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include "pyfops/error.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm_emulator {

ServerResponse error_answer(Api api, const ApiError& error, const std::string& trace) {
    switch (api) {
    case Api::iam:
        return json_response(error.status, json::object{{"errorCode", error.code},
                                                        {"errorMessage", error.message},
                                                        {"context", {{"requestId", trace}}}});
    case Api::openwhisk: {
        ServerResponse answer =
            json_response(error.status, json::object{{"error", error.message}, {"code", trace}});
        if (error.status == 401)
            answer.headers.set("WWW-Authenticate", R"(Basic realm="OpenWhisk secure realm")");
        return answer;
    }
    case Api::endpoint: {
        ServerResponse answer = json_response(error.status, json::object{{"error", error.message}});
        answer.headers.set("x-faas-errormessage", error.message);
        return answer;
    }
    case Api::code_engine:
        break;
    }
    return json_response(
        error.status,
        json::object{{"errors", json::array{json::object{{"code", error.code}, {"message", error.message}}}},
                     {"trace", "codeengine-api-" + trace},
                     {"status_code", error.status}});
}

json::object json_object(const HttpCall& call) {
    if (call.body.empty()) return {};
    try {
        json::value value = parse_json(call.body, "the request", {.max_bytes = 80u << 20});
        if (auto* object = value.if_object()) return std::move(*object);
    } catch (const Error& error) {
        throw ApiError(400, "bad_request", error.message());
    }
    throw ApiError(400, "bad_request", "The request body must be a JSON object.");
}

} // namespace pyfops::ibm_emulator
