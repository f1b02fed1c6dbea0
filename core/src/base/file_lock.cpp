// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.hpp"

#include "base/own_directories.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pyfops {

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)), waited_(other.waited_) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    waited_ = other.waited_;
    return *this;
}

FileLock::~FileLock() {
    if (fd_ >= 0) ::close(fd_);
}

Task<FileLock> FileLock::acquire(std::filesystem::path file, StageContext& context) {
    std::error_code failure;
    create_own_directories(file.parent_path(), failure);
    FileLock lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (lock.fd_ < 0)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("cannot write '{}': {}", file.string(), std::strerror(errno)))
            .hint("make its folder writable; that of the package cache is named by PYFOPS_CACHE_DIR");
    // The kernel offers no wait that an event loop could share; whoever holds it works for seconds.
    Milliseconds pause{2};
    while (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) break; // no locks on this file system
        lock.waited_ = true;
        if (context.deadline.passed(context.host.clock))
            throw Error(ErrorKind::timeout, fmt::format("another pyfOps kept '{}' busy", file.string()))
                .hint("see whether one hangs; then run the command again");
        Task<void> nap = context.host.clock.sleep(pause);
        co_await std::move(nap);
        pause = std::min(pause * 2, Milliseconds{50});
    }
    co_return lock;
}

} // namespace pyfops
