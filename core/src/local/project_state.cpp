// SPDX-License-Identifier: Apache-2.0
#include "pyfops/project_state.hpp"

#include "local/state_guard.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

namespace pyfops {

namespace fs = std::filesystem;

fs::path state_directory(const fs::path& project_directory, Realm realm) {
    const fs::path base = project_directory / ".pyfops";
    return realm == Realm::local ? base / "local" : base;
}

ProjectState project_state(const Project& project, Realm realm, const System& system) {
    ProjectState state;
    state.directory = state_directory(project.directory, realm);
    state.journal = state.directory / "journal";
    if (realm == Realm::real && !project.database.empty())
        state.database = DatabaseUrl::parse(project.database, project.directory, system);
    else
        state.database.path = state.directory / "afcl.db";
    return state;
}

std::vector<fs::path> open_to_everybody(const fs::path& state) {
    std::vector<fs::path> found;
    const auto look = [&found](const fs::path& directory) {
        struct stat status {};
        if (::stat(directory.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0)
            found.push_back(directory);
    };
    if (state.parent_path().filename() == ".pyfops") look(state.parent_path());
    look(state);
    return found;
}

void refuse_open_state(const fs::path& state) {
    const std::vector<fs::path> open = open_to_everybody(fs::absolute(state).lexically_normal());
    if (open.empty()) return;
    throw Error(
        ErrorKind::invalid_input,
        fmt::format("every user of this machine may write to {}, from where the local cloud takes the "
                    "code that it runs",
                    open.front().string()))
        .hint(fmt::format("run 'chmod o-w {}', or use a folder of yours", open.front().string()));
}

} // namespace pyfops
