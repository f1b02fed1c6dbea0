// SPDX-License-Identifier: Apache-2.0
// The ownership mark, and the names that pyfOps gives to what it makes.
#pragma once

#include "code_engine.hpp"
#include "pyfops/deployment.hpp"

#include <optional>
#include <string>

namespace pyfops::ibm {

/// Code Engine has no tags on functions: their environment holds the mark. Names of variables, also of the
/// members of secrets.
namespace mark {
inline constexpr const char* project = "PYFOPS_PROJECT";
inline constexpr const char* fd = "PYFOPS_FD";
inline constexpr const char* content = "PYFOPS_CONTENT_HASH";
} // namespace mark
/// What the wrapper cannot learn from the platform.
inline constexpr const char* memory_variable = "PYFOPS_MEMORY_MB";
inline constexpr const char* timeout_variable = "PYFOPS_TIMEOUT";

/// nullopt when the function is none of ours.
std::optional<OwnershipMark> read_mark(const code_engine::Function& function);
/// Ours, and the deployment that is wanted; else nobody may touch it: throws conflict.
OwnershipMark require_mark(const std::optional<OwnershipMark>& found, const std::string& what,
                           const FdIdentity& identity);

Deployment to_deployment(const code_engine::Function& function, const OwnershipMark& mark,
                         const FdIdentity& identity);

/// The Code Engine project of a project without the setting. Code Engine does not show tags again: the hash
/// makes it a name that nobody else gives, which is how pyfOps knows what it made.
std::string project_name(const std::string& account, const std::string& region, const std::string& project);
/// The secret that holds a function's secret variables and its probe key.
std::string secret_name(const std::string& function);
/// The image tag of a content, and the build run that makes it.
std::string image_tag(const std::string& content_hash, const BuildSettings& build);
std::string build_run_name(const std::string& image);

} // namespace pyfops::ibm
