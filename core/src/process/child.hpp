// SPDX-License-Identifier: Apache-2.0
// The bare system calls below Processes and Sandbox. Between the fork and the exec of a program that may have
// threads only async-signal-safe calls are allowed: whatever a child needs is laid out before.
#pragma once

#include "base/descriptor.hpp"

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace pyfops::process {

using Fd = Descriptor;

/// `fd` moved out of the way of 0, 1 and 2, close-on-exec; throws Error(internal) naming `what` when it is
/// not valid.
Fd checked(int fd, const char* what);
/// Both ends close-on-exec and above 2; [0] is read.
std::array<Fd, 2> make_pipe();
/// A readable descriptor that holds `content`.
Fd make_input(const std::string& content);

/// A child. It sends no SIGCHLD until it executes a program (the kernel then sets that signal), so neither a
/// handler of the embedding program nor its waitpid(-1) gets in the way of a child that only forks.
struct Child {
    int pid = -1;
    Fd pidfd;
};

/// As fork, with further CLONE_* flags. pid is 0 in the child, where all signals are blocked.
/// Throws Error(internal).
Child fork_child(unsigned long flags = 0);

struct Ending {
    int exit_code = -1;
    int signal = 0;
};

/// Reaps an ended child; waits up to `milliseconds` for the end.
Ending reap(const Child& child, int milliseconds);

/// What wait() gives, taken apart.
Ending ending_of(int wait_status) noexcept;

/// argv or envp: the strings stay owned by this object.
class StringArray {
  public:
    StringArray() = default;
    explicit StringArray(std::vector<std::string> strings);
    explicit StringArray(const std::map<std::string, std::string>& environment);
    char* const* data() const noexcept { return pointers_.data(); }

  private:
    std::vector<std::string> strings_;
    std::vector<char*> pointers_{nullptr};
};

/// What a child says when a step before its exec fails.
struct Failure {
    char step[32];
    int error;
};

// For the child, async-signal-safe:

/// Default handlers, nothing blocked, nothing ignored.
void reset_signals() noexcept;
/// The same, but what is ignored stays ignored: nohup means the programs that are started too.
void reset_handlers() noexcept;
/// Puts the three where the standard streams are; they must be above 2.
bool set_standard_streams(int in, int out, int err) noexcept;
/// Closes everything from 3 on but `keep` (sorted).
void close_all_but(std::span<const int> keep) noexcept;
/// Everything from 3 on is closed by the exec.
void close_on_exec() noexcept;
/// Writes a Failure with errno and ends the child.
[[noreturn]] void fail(int report, const char* step) noexcept;

} // namespace pyfops::process
