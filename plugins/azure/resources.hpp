// SPDX-License-Identifier: Apache-2.0
// Microsoft.Resources: providers of a subscription and resource groups. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "marks.hpp"
#include "pyfops/json.hpp"

#include <string>
#include <vector>

namespace pyfops::azure::resources {

ApiCall get_provider(const std::string& subscription, const std::string& name);
ApiCall register_provider(const std::string& subscription, const std::string& name);
bool is_registered(const json::value& provider);

std::string group_path(const std::string& subscription, const std::string& group);
ApiCall get_group(const std::string& subscription, const std::string& group);
/// Of the answer to get_group: it takes minutes until nothing of it is left.
bool is_being_deleted(const json::value& group);
ApiCall put_group(const std::string& subscription, const std::string& group, const std::string& region,
                  const Tags& tags);
ApiCall delete_group(const std::string& subscription, const std::string& group);
/// What is in a group; one page is enough to see whether something is.
ApiCall list_resources(const std::string& subscription, const std::string& group);
bool is_empty(const json::value& listing);

/// All tags of a resource, by the path of it: those that are not named go.
ApiCall put_tags(const std::string& resource, const Tags& tags);
Tags read_tags(const json::value& resource);
json::object to_json(const Tags& tags);

} // namespace pyfops::azure::resources
