// SPDX-License-Identifier: Apache-2.0
// The wire forms of the emulated services.
#pragma once

#include "pyfops/emulator/call.hpp"

#include <exception>
#include <string>
#include <string_view>

namespace pyfops::google_emulator {

/// A refusal, by a name of google.rpc.Code (or of RFC 6749, or of Cloud Storage).
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
    json::array details;
};

[[noreturn]] void invalid_argument(const std::string& message);
[[noreturn]] void not_found(const std::string& resource);
/// google.rpc.ErrorInfo.
json::object error_info(std::string_view reason, std::string_view service);

/// The number and HTTP status of a google.rpc.Code.
int code_number(std::string_view name);
std::string code_name(int number);
std::string code_name_of_status(int http_status);

enum class Form { api, oauth, storage, page };

/// A request that was understood.
struct Call {
    HttpCall http;
    std::string service;   ///< cloudfunctions, run, logging, storage, oauth2, sts, iamcredentials, function
    std::string operation; ///< "CreateFunction"; "" when there is none of that form here
    std::string project, location;
    std::string name;      ///< of the function, service, operation or account; the object for uploads
    std::string principal; ///< of the caller

    Form form() const;
    std::string parameter(std::string_view key) const { return query_field(http.query, key).value_or(""); }
    std::string parent() const { return "projects/" + project + "/locations/" + location; }
    std::string qualified() const { return service + ":" + operation; }
    /// The JSON object of the body; empty counts as {}. Throws ApiError.
    json::object json_body() const;
    /// The fields of a form.
    QueryFields form_body() const;
};

/// Service, operation and labels of the path. nullopt: not a request for Google.
std::optional<Call> route(const ServerRequest& request);

ServerResponse error_answer(Form form, const ApiError& error);
/// Google's page for a status.
ServerResponse page(int status, std::string_view title, std::string_view text);

} // namespace pyfops::google_emulator
