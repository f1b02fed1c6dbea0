// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/xml.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>

namespace pyfops::google_emulator {
namespace {

struct RpcCode {
    int number;
    std::string_view name;
    int status;
};

// google/rpc/code.proto; the first of a status is the one that stands for it.
constexpr std::array<RpcCode, 16> codes{{{3, "INVALID_ARGUMENT", 400},
                                         {16, "UNAUTHENTICATED", 401},
                                         {7, "PERMISSION_DENIED", 403},
                                         {5, "NOT_FOUND", 404},
                                         {10, "ABORTED", 409},
                                         {8, "RESOURCE_EXHAUSTED", 429},
                                         {1, "CANCELLED", 499},
                                         {13, "INTERNAL", 500},
                                         {12, "UNIMPLEMENTED", 501},
                                         {14, "UNAVAILABLE", 503},
                                         {4, "DEADLINE_EXCEEDED", 504},
                                         {6, "ALREADY_EXISTS", 409},
                                         {9, "FAILED_PRECONDITION", 400},
                                         {11, "OUT_OF_RANGE", 400},
                                         {2, "UNKNOWN", 500},
                                         {15, "DATA_LOSS", 500}}};

} // namespace

void invalid_argument(const std::string& message) {
    throw ApiError(400, "INVALID_ARGUMENT", message);
}

void not_found(const std::string& resource) {
    throw ApiError(404, "NOT_FOUND", fmt::format("Resource '{}' was not found", resource));
}

json::object error_info(std::string_view reason, std::string_view service) {
    return {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
            {"reason", reason},
            {"domain", "googleapis.com"},
            {"metadata", json::object{{"service", service}}}};
}

int code_number(std::string_view name) {
    for (const RpcCode& one : codes)
        if (one.name == name) return one.number;
    return 2;
}

std::string code_name(int number) {
    for (const RpcCode& one : codes)
        if (one.number == number) return std::string(one.name);
    return "UNKNOWN";
}

std::string code_name_of_status(int http_status) {
    for (const RpcCode& one : codes)
        if (one.status == http_status) return std::string(one.name);
    return http_status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
}

Form Call::form() const {
    if (service == "oauth2" || service == "sts") return Form::oauth;
    if (service == "storage") return Form::storage;
    return service == "function" ? Form::page : Form::api;
}

json::object Call::json_body() const {
    if (http.body.empty()) return {};
    try {
        json::value body = parse_json(http.body, "the request", {.max_bytes = 16u << 20});
        if (auto* object = body.if_object()) return std::move(*object);
    } catch (const Error& error) {
        invalid_argument(fmt::format("Invalid JSON payload received. {}", error.message()));
    }
    invalid_argument("Invalid JSON payload received. Expected an object.");
}

QueryFields Call::form_body() const {
    try {
        return parse_query(http.body, true);
    } catch (const Error&) {
        throw ApiError(400, "invalid_request", "The form cannot be read");
    }
}

ServerResponse error_answer(Form form, const ApiError& error) {
    if (form == Form::page) return page(error.status, error.code, error.message);
    if (form == Form::oauth)
        return json_response(error.status,
                             json::object{{"error", error.code}, {"error_description", error.message}});
    if (form == Form::storage)
        return text_response(
            error.status, "application/xml; charset=UTF-8",
            fmt::format("<?xml version='1.0' encoding='UTF-8'?><Error><Code>{}</Code><Message>"
                        "{}</Message></Error>",
                        error.code, sdk::xml_escape(error.message)));
    json::object inner{{"code", error.status}, {"message", error.message}, {"status", error.code}};
    if (!error.details.empty()) inner["details"] = error.details;
    return json_response(error.status, json::object{{"error", std::move(inner)}});
}

ServerResponse page(int status, std::string_view title, std::string_view text) {
    return text_response(
        status, "text/html; charset=UTF-8",
        fmt::format("<html><head>\n<meta http-equiv=\"content-type\" "
                    "content=\"text/html;charset=utf-8\">\n<title>{0} {1}</title>\n</head>\n"
                    "<body text=#000000 bgcolor=#ffffff>\n<h1>Error: {1}</h1>\n<h2>{2}</h2>\n"
                    "</body></html>\n",
                    status, sdk::xml_escape(title), sdk::xml_escape(text)));
}

} // namespace pyfops::google_emulator
