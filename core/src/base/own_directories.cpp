// SPDX-License-Identifier: Apache-2.0
#include "base/own_directories.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace pyfops {

void create_own_directories(const std::filesystem::path& folder, std::error_code& failure) {
    if (std::filesystem::is_directory(folder, failure) || folder == folder.root_path()) return;
    failure.clear();
    if (folder.has_parent_path()) create_own_directories(folder.parent_path(), failure);
    if (!failure && ::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
        failure.assign(errno, std::generic_category());
}

} // namespace pyfops
