// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/project.hpp"
#include "pyfops/store.hpp"
#include "pyfops/system.hpp"

#include <filesystem>
#include <vector>

namespace pyfops {

/// Where a project remembers its runs. The local realm has everything of its own: what is tried there must
/// not touch the record of the real clouds.
struct ProjectState {
    std::filesystem::path directory; ///< also LocalCloudOptions::state, in the local realm
    std::filesystem::path journal;   ///< for Journal
    DatabaseUrl database;            ///< for open_store
};

/// The places of the command line, as long as no --database names another one. Throws Error(invalid_input)
/// for a database that cannot be one. Creates nothing.
PYFOPS_EXPORT ProjectState project_state(const Project& project, Realm realm, const System& system);

/// `.pyfops` in the project's directory; `.pyfops/local` in the local realm.
PYFOPS_EXPORT std::filesystem::path state_directory(const std::filesystem::path& project_directory,
                                                    Realm realm);

/// A directory that somebody else may write to: who does can have code run under the name of this user.
struct OpenDirectory {
    std::filesystem::path directory;
    std::string problem; ///< "every user of this machine may write to /p/.pyfops"
    std::string remedy;  ///< "run 'chmod go-w /p/.pyfops'"
};

/// Which of a state directory and the `.pyfops` above it belong to another user, or may be written to by a
/// group or by everybody. Those that are not there are not named.
PYFOPS_EXPORT std::vector<OpenDirectory> open_to_others(const std::filesystem::path& state);

} // namespace pyfops
