// SPDX-License-Identifier: Apache-2.0
// The ownership mark as tags, and the names that pyfOps gives to what it makes.
#pragma once

#include "pyfops/deployment.hpp"
#include "settings.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::azure {

using Tags = std::map<std::string, std::string>;

namespace tag {
inline constexpr const char* project = "pyfops-project";
inline constexpr const char* fd = "pyfops-fd";
inline constexpr const char* content = "pyfops-content-hash"; ///< written last
inline constexpr const char* package = "pyfops-package-hash"; ///< of the code that is there
/// On the classic plan, until the deployment is finished: packages that may be in the container.
inline constexpr const char* blobs = "pyfops-blobs";
/// In an app of several functions, for each: "<fd>", and "<fd> <content hash>" once it is finished.
inline constexpr const char* shared_fd = "pyfops-fd-"; ///< and the function's name
} // namespace tag

/// Azure allows a resource 50 tags; some are left to the user.
inline constexpr std::size_t most_functions = 40;

/// Whether one app holds one deployment or all functions of a code base.
enum class Holds { one, several };
Holds holds(const Target& target);

/// Sets the tags of a deployment that is not finished: whose it is, without what is in force.
void mark_unfinished(Tags& tags, Holds holds, const OwnershipMark& mark);
/// Sets the tags of a deployment, with what is in force.
void mark_finished(Tags& tags, Holds holds, const OwnershipMark& mark, const std::string& package_hash);
/// Takes a function out of an app of several.
void unmark(Tags& tags, const std::string& function);
/// Tags of what the deployments of a project share.
Tags shared_tags(const std::string& project, const Settings& settings);

/// Every deployment that the tags name; none when they are not ours.
std::vector<OwnershipMark> read_marks(const Tags& tags);
/// The mark of one deployment among them.
std::optional<OwnershipMark> find_mark(const Tags& tags, const FdIdentity& identity);
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
/// Of an app's packages.
std::string container_name(const std::string& app);
/// What Azure calls a function inside its app: a folder's name, which no module of the user can have.
std::string folder_name(const std::string& function);

} // namespace pyfops::azure
