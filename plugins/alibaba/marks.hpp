// SPDX-License-Identifier: Apache-2.0
// The ownership mark as tags, and the names that pyfOps gives to what it makes.
#pragma once

#include "fc.hpp"
#include "pyfops/deployment.hpp"
#include "settings.hpp"

#include <optional>
#include <string>

namespace pyfops::alibaba {

/// Tells the entry file that calls over HTTP come through a trigger of ours.
inline constexpr const char* url_variable = "PYFOPS_URL";

namespace tag {
inline constexpr const char* project = "pyfops:project";
inline constexpr const char* fd = "pyfops:fd";
inline constexpr const char* content = "pyfops:content-hash";
inline constexpr const char* code = "pyfops:code-crc64"; ///< of the archive that we uploaded
} // namespace tag

fc::Tags tags_of(const OwnershipMark& mark, const std::string& code_checksum, const Settings& settings);
/// nullopt when the tags are not ours.
std::optional<OwnershipMark> read_mark(const fc::Tags& tags);

/// `url`: of the trigger; empty: the link is the function's ARN.
Deployment to_deployment(const fc::Function& function, const OwnershipMark& mark, const FdIdentity& identity,
                         const std::string& url);

/// One bucket per account, region and project.
std::string bucket_name(const std::string& account, const std::string& region, const std::string& project);

} // namespace pyfops::alibaba
