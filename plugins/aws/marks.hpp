// SPDX-License-Identifier: Apache-2.0
// The ownership mark as tags, and the names that pyfOps gives to what it makes.
#pragma once

#include "lambda.hpp"
#include "pyfops/deployment.hpp"
#include "settings.hpp"

#include <map>
#include <optional>
#include <string>

namespace pyfops::aws {

inline constexpr const char* url_variable = "PYFOPS_URL";

namespace tag {
inline constexpr const char* project = "pyfops:project";
inline constexpr const char* fd = "pyfops:fd";
inline constexpr const char* content = "pyfops:content-hash";
inline constexpr const char* code = "pyfops:code-sha256"; ///< of the archive that we uploaded
inline constexpr const char* url = "pyfops:url";          ///< "public": the function URL is ours
} // namespace tag

std::map<std::string, std::string> tags_of(const OwnershipMark& mark, const std::string& code_sha256,
                                           const Settings& settings);
/// nullopt when the tags are not ours.
std::optional<OwnershipMark> read_mark(const std::map<std::string, std::string>& tags);

Deployment to_deployment(const lambda::Function& function, const OwnershipMark& mark,
                         const FdIdentity& identity);

/// One execution role per project, one bucket per account, region and project.
std::string role_name(const std::string& project);
std::string bucket_name(const std::string& account, const std::string& region, const std::string& project);

} // namespace pyfops::aws
