// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"
#include "pyfops/provider.hpp"

#include <string>

namespace pyfops::ibm {

/// `providers.ibm.build`: where Code Engine fetches the code from that is too large to be sent.
struct BuildSettings {
    std::string source_url; ///< of a git repository; empty: nothing is built
    std::string context_dir;
    std::string revision;
    std::string source_secret; ///< in the Code Engine project, for a private repository
    std::string output_image;  ///< without tag: pyfOps adds one for each content
    std::string output_secret; ///< a registry secret in the Code Engine project
    std::string registry_username;
    std::string registry_password; ///< "env:NAME"; then pyfOps makes the registry secret
    int timeout_seconds = 600;

    bool configured() const { return !source_url.empty(); }
};

/// `providers.ibm` of the project file.
struct Settings {
    bool openwhisk = false;
    // Code Engine
    std::string project; ///< name of a project that is there already; empty: one is made
    std::string resource_group;
    std::string endpoint;
    std::string visibility = "public";
    int scale_down_delay = 1;
    BuildSettings build;
    // OpenWhisk
    std::string host; ///< name or URL of the API host
    std::string name_space = "_";
};

/// Members of the wrong type are left at their default: validation has reported them.
Settings read_settings(const json::object& settings);
bool is_openwhisk(const json::object& settings);
/// "{function}" and "{project}" of a build setting, filled in.
std::string filled(std::string text, const FdIdentity& identity);

} // namespace pyfops::ibm
