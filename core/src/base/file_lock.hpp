// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"

#include <filesystem>

namespace pyfops {

/// One at a time among processes and among the tasks of one process. Given back by the destructor, and by the
/// kernel when the process dies.
class FileLock {
  public:
    FileLock() = default;
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

    /// Waits, without holding a thread, until `file` (made when it is not there) is free. Throws timeout at
    /// the deadline, cancelled, storage when the file cannot be made.
    static Task<FileLock> acquire(std::filesystem::path file, StageContext& context);
    /// Whether somebody else held it first.
    bool waited() const noexcept { return waited_; }

  private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_ = -1;
    bool waited_ = false;
};

} // namespace pyfops
