// SPDX-License-Identifier: Apache-2.0
#include "pyfops/project_state.hpp"

#include "local/state_guard.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

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

std::vector<OpenDirectory> open_to_others(const fs::path& state) {
    std::vector<OpenDirectory> found;
    const auto look = [&found](const fs::path& directory) {
        struct stat status {};
        if (::stat(directory.c_str(), &status) != 0) return;
        const std::string name = directory.string();
        if (status.st_uid != ::geteuid())
            found.push_back({directory,
                             fmt::format("{} belongs to another user (uid {})", name, status.st_uid),
                             fmt::format("remove {}", name)});
        else if ((status.st_mode & (S_IWOTH | S_IWGRP)) != 0)
            found.push_back({directory,
                             fmt::format("every user of {} may write to {}",
                                         status.st_mode & S_IWOTH ? "this machine" : "its group", name),
                             fmt::format("run 'chmod go-w {}'", name)});
    };
    if (state.parent_path().filename() == ".pyfops") look(state.parent_path());
    look(state);
    return found;
}

void refuse_open_state(const fs::path& state) {
    const std::vector<OpenDirectory> open = open_to_others(fs::absolute(state).lexically_normal());
    if (open.empty()) return;
    throw Error(ErrorKind::invalid_input,
                open.front().problem + ": the local cloud runs the code that it finds there")
        .hint(open.front().remedy + ", or use a folder of yours");
}

} // namespace pyfops
