// SPDX-License-Identifier: Apache-2.0
// The ownership mark. Labels take 63 lower-case characters, so they say whose a function is, by ids; the
// exact text stands in the function's environment, which is written together with them.
#pragma once

#include "functions.hpp"
#include "pyfops/deployment.hpp"
#include "settings.hpp"

#include <optional>
#include <string>

namespace pyfops::google {

namespace label {
inline constexpr const char* project = "pyfops-project";
inline constexpr const char* fd = "pyfops-fd";         ///< FdIdentity::id()
inline constexpr const char* code = "pyfops-code";     ///< of the package that was uploaded
inline constexpr const char* access = "pyfops-access"; ///< "public": the policy of its service is ours
} // namespace label

namespace own_variable {
inline constexpr const char* fd = "PYFOPS_FD";
inline constexpr const char* content = "PYFOPS_CONTENT_HASH";
inline constexpr const char* region = "PYFOPS_REGION";
inline constexpr const char* memory = "PYFOPS_MEMORY_MB";
inline constexpr const char* timeout = "PYFOPS_TIMEOUT";
} // namespace own_variable

/// Our labels, those of the project file and those that somebody else has put there.
functions::Texts labels_of(const FdIdentity& identity, const std::string& package_hash,
                           const Settings& settings, const functions::Texts& current);

/// Whether the function carries the mark of that deployment.
bool is_of(const functions::Function& function, const FdIdentity& identity);
/// Whether it carries any mark of ours.
bool is_ours(const functions::Function& function);
/// The mark, with the exact text where the environment still agrees with the labels. nullopt: not ours.
std::optional<OwnershipMark> read_mark(const functions::Function& function);

/// All that was asked for is in force.
bool is_finished(const functions::Function& function);

Deployment to_deployment(const functions::Function& function, const OwnershipMark& mark,
                         const FdIdentity& identity);

} // namespace pyfops::google
