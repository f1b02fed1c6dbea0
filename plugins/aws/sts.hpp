// SPDX-License-Identifier: Apache-2.0
// STS (query protocol, 2011-06-15): who am I, and other roles. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "credentials/credentials.hpp"

#include <string>

namespace pyfops::aws::sts {

struct Caller {
    std::string account;
    std::string arn;
};

ApiCall get_caller_identity();
Caller read_caller(const std::string& xml);

struct RoleRequest {
    std::string role_arn;
    std::string session_name;
    std::string external_id;  ///< empty: none
    int duration_seconds = 0; ///< 0: AWS's default
};
ApiCall assume_role(const RoleRequest& request);
/// Not signed: the token speaks.
ApiCall assume_role_with_web_identity(const RoleRequest& request, const Secret& token);
/// The answer of either; throws unauthenticated when it has no keys.
Credentials read_credentials(const std::string& xml);

} // namespace pyfops::aws::sts
