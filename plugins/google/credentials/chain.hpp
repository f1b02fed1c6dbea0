// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "credentials/credentials.hpp"
#include "pyfops/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops::google {

/// What one search for credentials carries along.
struct Search {
    StageContext& context;
    std::vector<std::string> tried{}; ///< a phrase each, for the error when nothing is found

    const System& system() const { return context.host.system; }
};

/// Application default credentials, in the order of the official libraries: the file that
/// GOOGLE_APPLICATION_CREDENTIALS names, gcloud's file, the metadata server. Throws unauthenticated with
/// every step that was tried; what is configured and cannot be used is an error at once.
Task<Credentials> find_credentials(Search search);

/// Titles of the steps in their order, for `doctor` and the docs.
std::vector<std::string> credential_sources();

/// The project: the setting, GOOGLE_CLOUD_PROJECT, GCLOUD_PROJECT, CLOUDSDK_CORE_PROJECT, the credentials',
/// gcloud's configuration, the metadata server. Throws invalid_input with what was tried.
Task<std::string> find_project(StageContext& context, std::string setting, const Credentials& credentials);

/// $CLOUDSDK_CONFIG, or ~/.config/gcloud.
std::filesystem::path gcloud_directory(const System& system);

// credentials/metadata.cpp
/// nullopt when this machine has no metadata server, with a phrase in `tried`.
Task<std::optional<Credentials>> from_metadata(Search& search);
/// The text at a path below /computeMetadata/v1/. Throws unauthenticated when it is not given.
Task<std::string> ask_metadata(StageContext& context, std::string base, std::string path);

} // namespace pyfops::google
