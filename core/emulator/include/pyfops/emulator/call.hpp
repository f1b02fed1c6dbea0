// SPDX-License-Identifier: Apache-2.0
// A request taken apart, and the usual answers: what every face needs.
#pragma once

#include "pyfops/emulator/face.hpp"
#include "pyfops/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pyfops {

using QueryFields = std::vector<std::pair<std::string, std::string>>;

/// application/x-www-form-urlencoded and query strings; '+' is a space in the former only. Throws
/// Error(invalid_input) for a broken escape.
PYFOPS_EXPORT QueryFields parse_query(std::string_view text, bool plus_is_space);
/// The first of that name, or nullopt.
PYFOPS_EXPORT std::optional<std::string> query_field(const QueryFields& fields, std::string_view name);

/// Whom a request is for. The emulator stands in for many hosts at one address: a request names its host as
/// the first segment of the path ("/iam.cloud.ibm.com/identity/token", one with a dot in it), else in Host.
struct AddressedHost {
    std::string host;   ///< in lower case, without port
    std::string prefix; ///< "/iam.cloud.ibm.com", or "" when the Host header named it
    std::string target; ///< path and query below the prefix, starts with '/'
};
PYFOPS_EXPORT AddressedHost addressed_host(const ServerRequest& request);

struct HttpCall {
    std::string method;
    std::string host;                  ///< as AddressedHost
    std::string prefix;                ///< as AddressedHost
    std::string path;                  ///< as sent, below the prefix, without query
    std::vector<std::string> segments; ///< of `path`, decoded
    QueryFields query;                 ///< decoded, in order
    HttpHeaders headers;
    std::string body;
    bool tls = false;
};

/// Throws Error(invalid_input) for a broken escape.
PYFOPS_EXPORT HttpCall read_call(const ServerRequest& request);

/// The token of "Authorization: Bearer ...", or "".
PYFOPS_EXPORT std::string bearer_token(const HttpHeaders& headers);

PYFOPS_EXPORT ServerResponse json_response(int status, const json::value& body);
PYFOPS_EXPORT ServerResponse text_response(int status, std::string_view content_type, std::string body);
PYFOPS_EXPORT ServerResponse empty_response(int status);

} // namespace pyfops
