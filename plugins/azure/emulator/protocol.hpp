// SPDX-License-Identifier: Apache-2.0
// The wire forms of the emulated services: which one a request is for, and how each says no.
#pragma once

#include "pyfops/emulator/call.hpp"
#include "pyfops/json.hpp"
#include "world.hpp"

#include <exception>
#include <map>
#include <optional>
#include <string>

namespace pyfops::azure_emulator {

enum class Service { none, entra, manager, scm, app, blob, insights };

/// By the host that is addressed, else by the path of clients that cannot send one.
Service service_of(const ServerRequest& request);

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

/// A request, taken apart.
struct Call : HttpCall {
    Service service = Service::none;
    std::string operation;                     ///< "web:PutSite"; "" when unknown
    std::map<std::string, std::string> labels; ///< of the path: group, name
    std::string base; ///< how the client addressed us: "https://127.0.0.1:1/management.azure.com"

    const std::string& label(const std::string& name) const { return labels.at(name); }
    std::optional<std::string> parameter(std::string_view name) const { return query_field(query, name); }
};

/// Nothing is checked but the form. Throws ApiError for a broken escape.
Call make_call(const World& world, const ServerRequest& request);

ServerResponse error_answer(const Call& call, const ApiError& error, const World& world);
/// The JSON object of a request body; empty counts as {}. Throws ApiError(InvalidRequestContent).
json::object json_body(const Call& call);

/// One page of a list of resources, in the order of their ids: {"value", "nextLink"}.
ServerResponse page_of(const Call& call, json::array all, const World& world);

/// 202 with the address where the end is told.
ServerResponse accepted(const std::string& header, const std::string& url, std::int64_t duration_ms);

} // namespace pyfops::azure_emulator
