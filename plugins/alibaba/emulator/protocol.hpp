// SPDX-License-Identifier: Apache-2.0
// The wire forms of the emulated services: JSON (Function Compute, STS, SLS) and XML (OSS).
#pragma once

#include "pyfops/emulator/call.hpp"
#include "pyfops/json.hpp"

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pyfops::alibaba_emulator {

enum class Service { none, fc, trigger, code, sts, oss, log };
std::string_view name_of(Service service) noexcept;

/// A refusal in the service's own words; each service has its form of it.
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
};

[[noreturn]] void invalid_argument(const std::string& message);

/// A request, taken apart.
struct Call : HttpCall {
    Service service = Service::none;
    std::string region;
    std::string operation;                     ///< "CreateFunction"; "" when unknown
    std::map<std::string, std::string> labels; ///< of the path: functionName, triggerName
    std::string key_id;                        ///< of the caller; "" for a request without signature
    std::string principal;
    std::string request_id;

    std::string parameter(std::string_view name) const { return query_field(query, name).value_or(""); }
    bool has_parameter(std::string_view name) const { return query_field(query, name).has_value(); }
    const std::string& label(const std::string& name) const { return labels.at(name); }
};

/// Which service a request is for; nothing is checked.
Service service_of(const ServerRequest& request);
/// Takes a request apart and finds region and operation. Throws Error(invalid_input) for a broken escape.
Call make_call(const ServerRequest& request, const std::string& default_region);

/// <name>escaped text</name>
std::string element(std::string_view name, std::string_view text);
ServerResponse xml_answer(int status, const std::string& body);
ServerResponse error_answer(Service service, const ApiError& error, const std::string& request_id);

/// The JSON object of a request's body; empty counts as {}. Throws ApiError.
json::object json_body(const Call& call);

} // namespace pyfops::alibaba_emulator
