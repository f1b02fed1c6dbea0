// SPDX-License-Identifier: Apache-2.0
#include "process/owner_mark.hpp"

#include "base/proc.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

namespace pyfops::process {

namespace fs = std::filesystem;

namespace {

/// The number in "pid:[4026531836]".
std::string pid_namespace() {
    std::error_code ignored;
    const std::string link = fs::read_symlink("/proc/self/ns/pid", ignored).string();
    return link.size() > 5 ? link.substr(5, link.find(']') - 5) : "0";
}

} // namespace

std::string owner_mark() {
    return fmt::format("{}.{}.{}.", pid_namespace(), ::getpid(), proc::start_time(::getpid()).value_or(0));
}

bool owner_is_gone(std::string_view marked) {
    const auto parts = split(marked, '.');
    if (parts.size() < 4 || parts[0] != pid_namespace()) return false;
    const auto pid = to_integer(parts[1]), started = to_integer(parts[2]);
    if (!pid || !started || *pid < 1 || *pid > 1 << 30 || *started < 0) return false;
    const auto alive = proc::start_time(static_cast<int>(*pid));
    return !alive || *alive != static_cast<unsigned long long>(*started);
}

void remove_left_folders(const fs::path& parent, std::string_view prefix, unsigned also) {
    std::error_code failure;
    for (fs::directory_iterator at(parent, failure), end; !failure && at != end; at.increment(failure)) {
        const std::string name = at->path().filename().string();
        if (!name.starts_with(prefix) || !owner_is_gone(std::string_view(name).substr(prefix.size())))
            continue;
        struct stat status {};
        if (::lstat(at->path().c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) continue;
        const bool ours = status.st_uid == ::geteuid() || (::geteuid() == 0 && status.st_uid == also);
        std::error_code ignored;
        if (ours)
            fs::remove_all(at->path(), ignored); // by descriptors: follows no link that appears meanwhile
    }
}

} // namespace pyfops::process
