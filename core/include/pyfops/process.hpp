// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pyfops {

/// A program of ours or of the user's machine (uv, pip, a credential_process): trusted, not sandboxed.
/// User code goes through the Sandbox (sandbox.hpp).
struct ProcessRequest {
    std::vector<std::string> command;               ///< command[0] is a path or is found on PATH
    std::map<std::string, std::string> environment; ///< the whole environment, nothing is inherited
    std::filesystem::path directory;                ///< empty: the current one
    std::string input;                              ///< fed to standard input, then closed
    std::size_t max_output_bytes = 16u << 20;       ///< of stdout and stderr each; more is cut and marked
};

struct ProcessResult {
    int exit_code = -1; ///< -1 when ended by a signal
    int signal = 0;
    std::string output;
    std::string error_output;
    bool truncated = false;
    bool ok() const noexcept { return exit_code == 0; }
};

/// Starts programs. Used from the engine's thread.
class PYFOPS_EXPORT Processes {
  public:
    virtual ~Processes();
    /// Runs to the end in a process group of its own; the group is killed at the deadline (timeout) and when
    /// the task is cancelled (cancelled). Throws not_found when the program does not exist.
    virtual Task<ProcessResult> run(ProcessRequest request, Deadline deadline) = 0;
};

} // namespace pyfops
