// SPDX-License-Identifier: Apache-2.0
// The ownership mark as tags, and the names that pyfOps gives to what it makes.
#pragma once

#include "pyfops/deployment.hpp"
#include "settings.hpp"

#include <map>
#include <optional>
#include <string>

namespace pyfops::azure {

using Tags = std::map<std::string, std::string>;

namespace tag {
inline constexpr const char* project = "pyfops-project";
inline constexpr const char* fd = "pyfops-fd";
inline constexpr const char* content = "pyfops-content-hash"; ///< written last
inline constexpr const char* package = "pyfops-package-hash"; ///< of the code that is there
} // namespace tag

/// Tags of an app that is not finished: whose it is, without what is in force.
Tags unfinished_tags(const OwnershipMark& mark, const Settings& settings);
/// As above, with what is in force.
Tags finished_tags(const OwnershipMark& mark, const std::string& package_hash, const Settings& settings);
/// Tags of what the deployments of a project share.
Tags shared_tags(const std::string& project, const Settings& settings);

/// nullopt when the tags are not ours.
std::optional<OwnershipMark> read_mark(const Tags& tags);
bool belongs_to(const Tags& tags, const std::string& project);
std::string value_of(const Tags& tags, const std::string& name);

/// Names of apps are global: what the identity gave, and a hash of subscription and region. A name that has
/// it already stays as it is.
std::string app_name(const std::string& cloud_name, const std::string& subscription,
                     const std::string& region);
std::string group_name(const std::string& project);
/// Global as well, of letters and digits only.
std::string storage_name(const std::string& subscription, const std::string& region,
                         const std::string& project);
std::string container_name(const FdIdentity& identity);
/// What Azure calls a function inside its app: a folder's name, which no module of the user can have.
std::string folder_name(const std::string& function);

} // namespace pyfops::azure
