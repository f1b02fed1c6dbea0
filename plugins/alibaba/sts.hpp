// SPDX-License-Identifier: Apache-2.0
// STS (2015-04-01): who am I, and other roles. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "credentials/credentials.hpp"
#include "pyfops/json.hpp"

#include <string>

namespace pyfops::alibaba::sts {

struct Caller {
    std::string account;
    std::string arn;
};

ApiCall get_caller_identity();
Caller read_caller(const json::value& answer);

struct RoleRequest {
    std::string role_arn;
    std::string session_name;
    std::string policy;       ///< empty: none
    std::string external_id;  ///< empty: none
    int duration_seconds = 0; ///< 0: Alibaba Cloud's default
};
ApiCall assume_role(const RoleRequest& request);
/// Not signed: the token speaks. In the body, so that no log of addresses holds it.
ApiCall assume_role_with_oidc(const RoleRequest& request, const std::string& provider_arn,
                              const Secret& token, SystemTime now);
/// {"Credentials": {...}}; throws unauthenticated when it has no keys.
Credentials read_credentials(const json::value& answer);

} // namespace pyfops::alibaba::sts
