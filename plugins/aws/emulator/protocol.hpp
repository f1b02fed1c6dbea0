// SPDX-License-Identifier: Apache-2.0
// The wire forms of the emulated services: rest-json (Lambda), query (IAM, STS), rest-xml (S3), json 1.1
// (Logs).
#pragma once

#include "pyfops/emulator/call.hpp"
#include "pyfops/json.hpp"

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pyfops::aws_emulator {

enum class Protocol { rest_json, query, rest_xml, json };
Protocol protocol_of(std::string_view service);

/// A refusal in the service's own words; each protocol has its form of it.
class ApiError : public std::exception {
  public:
    ApiError(int http_status, std::string error_code, std::string text)
        : status(http_status),
          code(std::move(error_code)),
          message(std::move(text)) {}
    const char* what() const noexcept override { return message.c_str(); }

    int status;
    std::string code;
    std::string message;
    json::object members; ///< further members of a JSON error, elements of an XML one
};

using Fields = QueryFields;

/// A request, taken apart and known to be authentic.
struct Call {
    std::string method;
    std::string path;                  ///< as sent, without query
    std::vector<std::string> segments; ///< of the path, decoded
    Fields query;                      ///< decoded, in order
    HttpHeaders headers;
    std::string body;
    bool tls = false;
    std::string service;
    std::string region;
    std::string operation;                     ///< "CreateFunction"; "" when unknown
    std::string principal;                     ///< ARN of the caller; "" for a request without signature
    std::map<std::string, std::string> labels; ///< of the path: FunctionName, Bucket, Key
    std::string request_id;

    std::optional<std::string> parameter(std::string_view name) const; ///< of the query
    const std::string& label(const std::string& name) const { return labels.at(name); }
};

/// Splits target, headers and body; nothing is checked. Throws ApiError for a broken escape.
Call make_call(const ServerRequest& request);
/// application/x-www-form-urlencoded and query strings; '+' is a space in the former only.
Fields parse_fields(std::string_view text, bool plus_is_space);
std::string field(const Fields& fields, std::string_view name);

/// <name>escaped text</name>
std::string element(std::string_view name, std::string_view text);
/// Contents of the first <name> element, unescaped; small, flat documents only.
std::optional<std::string> xml_text(std::string_view document, std::string_view name);
/// Raw contents of every <name> element, not nested in one another.
std::vector<std::string> xml_elements(std::string_view document, std::string_view name);

ServerResponse xml_answer(int status, const std::string& body);
ServerResponse error_answer(Protocol protocol, std::string_view service, const ApiError& error,
                            const std::string& request_id, std::string_view resource);

/// The JSON object of a request body; empty counts as {}. Throws ApiError(SerializationException).
json::object json_body(const Call& call);

} // namespace pyfops::aws_emulator
