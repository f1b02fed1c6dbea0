// SPDX-License-Identifier: Apache-2.0
#include "process/sandbox_view.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace pyfops::process {

namespace {

/// A path in a fixed buffer: prefix + path.
class Path {
  public:
    Path(const char* prefix, const std::string& path) noexcept {
        const std::size_t head = std::strlen(prefix);
        if (head + path.size() >= sizeof text_) return;
        std::memcpy(text_, prefix, head);
        std::memcpy(text_ + head, path.c_str(), path.size() + 1);
    }
    const char* c_str() const noexcept { return text_; }

  private:
    char text_[PATH_MAX] = {};
};

bool make_directory(const char* path) noexcept {
    return ::mkdir(path, 0755) == 0 || errno == EEXIST;
}

bool make_file(const char* path, const std::string& content) noexcept {
    const int fd = ::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    const bool whole = ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
    ::close(fd);
    return whole;
}

bool set_attributes(const char* path, std::uint64_t attributes, bool recursive) noexcept {
    mount_attr attr{};
    attr.attr_set = attributes;
    return ::syscall(SYS_mount_setattr, AT_FDCWD, path, recursive ? AT_RECURSIVE : 0u, &attr, sizeof attr) ==
           0;
}

bool bind(const BindMount& mount) noexcept {
    const Path source("/old", mount.source);
    const Path target("/new", mount.target);
    if (!mount.directory && !make_file(target.c_str(), {})) return false;
    // Recursive: in a user namespace the kernel lets nobody look below what is mounted there.
    if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
    const std::uint64_t attributes = MOUNT_ATTR_NOSUID | (mount.device ? 0 : MOUNT_ATTR_NODEV) |
                                     (mount.writable || mount.device ? 0 : MOUNT_ATTR_RDONLY);
    return set_attributes(target.c_str(), attributes, true);
}

} // namespace

const char* build_view(const SandboxPlan& plan) noexcept {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "detaching the mounts";
    // A first root of our own from which both the old files and the new root can be reached: nothing of the
    // old tree is hidden while its parts are taken over.
    if (::mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") != 0 ||
        ::chdir("/tmp") != 0 || !make_directory("old") || !make_directory("new") ||
        ::syscall(SYS_pivot_root, ".", "old") != 0 || ::chdir("/") != 0)
        return "changing the root";
    if (::mount("tmpfs", "/new", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") != 0)
        return "making the new root";
    for (const char* directory : {"/new/tmp", "/new/dev", "/new/dev/shm", "/new/proc"})
        if (!make_directory(directory)) return "making the new root";
    if (::mount("tmpfs", "/new/tmp", "tmpfs", MS_NOSUID | MS_NODEV, plan.tmp_options.c_str()) != 0 ||
        ::mount("tmpfs", "/new/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m") !=
            0)
        return "making /tmp";
    if (::mount("proc", "/new/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
        return "mounting /proc";
    for (const std::string& directory : plan.directories)
        if (!make_directory(Path("/new", directory).c_str())) return "making a mount point";
    for (const SandboxPlan::Text& link : plan.links)
        if (::symlink(link.content.c_str(), Path("/new", link.path).c_str()) != 0) return "making a link";
    for (const SandboxPlan::Text& file : plan.files)
        if (!make_file(Path("/new", file.path).c_str(), file.content))
            return "writing a file of the new root";
    for (const BindMount& mount : plan.binds)
        if (!bind(mount)) return "mounting a directory";
    for (const std::string& directory : plan.hidden)
        if (::mount("tmpfs", Path("/new", directory).c_str(), "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV,
                    "mode=755,size=4k") != 0)
            return "hiding a directory";
    // The old root comes to lie over the new one and is taken off.
    if (::chdir("/new") != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 || ::umount2(".", MNT_DETACH) != 0 ||
        ::chdir("/") != 0)
        return "leaving the old root";
    if (!set_attributes("/", MOUNT_ATTR_RDONLY, false)) return "closing the new root";
    return nullptr;
}

bool loopback_up() noexcept {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    ifreq request{};
    std::memcpy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return up;
}

int listen_on(std::uint16_t port) noexcept {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return -1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(socket, 64) == 0)
        return socket;
    const int error = errno;
    ::close(socket);
    errno = error;
    return -1;
}

} // namespace pyfops::process
