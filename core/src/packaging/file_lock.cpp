// SPDX-License-Identifier: Apache-2.0
#include "packaging/file_lock.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pyfops::packaging {

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileLock::~FileLock() {
    if (fd_ >= 0) ::close(fd_);
}

Task<FileLock> FileLock::acquire(std::filesystem::path file, StageContext& context) {
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    FileLock lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (lock.fd_ < 0)
        throw Error(ErrorKind::storage,
                    fmt::format("cannot write '{}': {}", file.string(), std::strerror(errno)))
            .hint("name a writable folder in PYFOPS_CACHE_DIR");
    // The kernel offers no wait that an event loop could share; whoever holds it works for seconds.
    Milliseconds pause{2};
    while (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) break; // no locks on this file system
        if (context.deadline.passed(context.host.clock))
            throw Error(ErrorKind::timeout, "another pyfOps kept the package cache busy")
                .hint("see whether one hangs; then run the command again");
        Task<void> nap = context.host.clock.sleep(pause);
        co_await std::move(nap);
        pause = std::min(pause * 2, Milliseconds{50});
    }
    co_return lock;
}

} // namespace pyfops::packaging
