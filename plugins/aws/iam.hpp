// SPDX-License-Identifier: Apache-2.0
// IAM (query protocol, 2010-05-08): the execution role. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::aws::iam {

struct Role {
    std::string arn;
    std::map<std::string, std::string> tags;
};

ApiCall get_role(const std::string& name);
/// A role that Lambda may assume.
ApiCall create_role(const std::string& name, const std::map<std::string, std::string>& tags);
ApiCall attach_policy(const std::string& role, const std::string& policy_arn);
ApiCall detach_policy(const std::string& role, const std::string& policy_arn);
ApiCall list_attached_policies(const std::string& role);
ApiCall delete_role(const std::string& name);

/// What lets a function write its log.
std::string basic_execution_policy(std::string_view partition);

Role read_role(const std::string& xml);
std::vector<std::string> read_attached_policies(const std::string& xml);

} // namespace pyfops::aws::iam
