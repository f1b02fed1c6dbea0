// SPDX-License-Identifier: Apache-2.0
#include "peer.hpp"

#include <fmt/format.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

std::string link(const fs::path& path, std::error_code& failure) {
    return fs::read_symlink(path, failure).string();
}

/// As the kernel's tables write it; an IPv4 address in an IPv6 socket ends the same way.
std::string table_form(const sockaddr_in& address) {
    return fmt::format("{:08X}:{:04X}", address.sin_addr.s_addr, ntohs(address.sin_port));
}

/// "socket:[inode]" of the other end; empty when it is closed.
std::string socket_of(const sockaddr_in& there, const sockaddr_in& here) {
    const std::string local = table_form(there), remote = table_form(here);
    for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
        std::ifstream file(table);
        for (std::string line; std::getline(file, line);) {
            std::istringstream fields(line);
            std::string number, from, to, skipped, inode;
            fields >> number >> from >> to;
            if (!from.ends_with(local) || !to.ends_with(remote)) continue;
            for (int i = 0; i < 6; ++i)
                fields >> skipped;
            fields >> inode;
            return inode.empty() || inode == "0" ? std::string() : "socket:[" + inode + "]";
        }
    }
    return {};
}

bool has_open(const fs::path& process, const std::string& socket) {
    std::error_code failure;
    for (auto at = fs::directory_iterator(process / "fd", failure);
         !failure && at != fs::directory_iterator(); at.increment(failure)) {
        std::error_code closed;
        if (link(at->path(), closed) == socket) return true;
    }
    return false;
}

} // namespace

bool is_peer_of(int socket, int pid) {
    sockaddr_in here{}, there{};
    socklen_t here_size = sizeof here, there_size = sizeof there;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&here), &here_size) != 0 ||
        ::getpeername(socket, reinterpret_cast<sockaddr*>(&there), &there_size) != 0)
        return false;
    if (here.sin_family != AF_INET) return true;
    const fs::path process = "/proc/" + std::to_string(pid);
    std::error_code failure;
    const std::string space = link(process / "ns" / "pid", failure);
    if (failure) return failure == std::errc::permission_denied;
    if (space == link("/proc/self/ns/pid", failure) ||
        link(process / "ns" / "net", failure) != link("/proc/self/ns/net", failure))
        return true;
    const std::string wanted = socket_of(there, here);
    if (wanted.empty()) return false;
    if (has_open(process, wanted)) return true;
    for (auto at = fs::directory_iterator("/proc", failure); !failure && at != fs::directory_iterator();
         at.increment(failure)) {
        const std::string name = at->path().filename().string();
        if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
        std::error_code gone;
        if (link(at->path() / "ns" / "pid", gone) == space && has_open(at->path(), wanted)) return true;
    }
    return false;
}

} // namespace pyfops
