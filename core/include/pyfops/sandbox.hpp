// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// How memory is limited here.
enum class MemoryControl {
    cgroup_v2,
    cgroup_v1,
    approximate ///< no cgroup: the group's PSS is summed every few milliseconds
};

/// What this machine lets the sandbox enforce. Printed once per command; `--require-sandbox` refuses less
/// than everything.
struct SandboxAbilities {
    MemoryControl memory = MemoryControl::approximate;
    bool process_limit = false;       ///< pids cgroup
    bool other_user = false;          ///< an unprivileged uid (needs root or a user namespace)
    bool private_files = false;       ///< own mount view
    bool private_network = false;     ///< own network namespace can be made
    std::vector<std::string> missing; ///< a sentence each, for the person
    bool complete() const noexcept { return missing.empty(); }
};

/// A directory or file of the host that the sandboxed process sees.
struct SandboxMount {
    std::filesystem::path host;
    std::filesystem::path inside; ///< absolute
    bool writable = false;        ///< when pyfOps is root, it becomes the sandbox user's, with what is in it
};

struct SandboxRequest {
    std::vector<std::string> command;               ///< command[0] absolute, inside the sandbox
    std::map<std::string, std::string> environment; ///< the whole environment; nothing is inherited
    std::vector<SandboxMount>
        mounts; ///< beside the system directories (/usr, /lib, /etc/ssl, ...), read-only
    std::filesystem::path directory = "/tmp"; ///< inside
    std::filesystem::path root; ///< a runtime root to change into; empty: the host's system directories
    std::optional<std::size_t> memory_bytes; ///< of the whole group; none: unlimited
    std::size_t tmp_bytes = 512u << 20;      ///< size of the private /tmp
    int max_processes = 256;
    int max_open_files = 1024;
    std::size_t max_file_bytes = 1u << 30;
    std::size_t max_output_bytes =
        16u << 20;       ///< kept of stdout and stderr each, by `run` or before a sink is there
    bool network = true; ///< false: an own, empty network namespace with only a loopback of its own
    /// Opens a TCP listener on 127.0.0.1 that the sandboxed process can reach, also without network; the
    /// host accepts on it. Its port goes into the environment under this name, as "127.0.0.1:PORT". Empty:
    /// none.
    std::string listener_variable;
};

/// Why a sandboxed process ended.
struct SandboxExit {
    int exit_code = -1; ///< -1 when ended by a signal
    int signal = 0;
    bool out_of_memory = false; ///< read from the cgroup's events, so also when only a child was killed
    bool timed_out = false;
    std::size_t peak_memory_bytes = 0; ///< of the whole group
    bool approximate = false;          ///< memory figures are sampled
};

/// A running sandboxed process group. The destructor kills it and removes its cgroup. Used from the engine's
/// thread.
class PYFOPS_EXPORT SandboxProcess {
  public:
    virtual ~SandboxProcess();
    virtual int pid() const noexcept = 0;
    /// The listening socket asked for by listener_variable, owned by this object; -1: none.
    virtual int listener() const noexcept = 0;
    virtual std::string listener_address() const = 0; ///< "127.0.0.1:PORT"
    /// Called with each piece of stdout and stderr, in order of arrival; before `start` returned nothing is
    /// lost.
    virtual void on_output(std::function<void(std::string_view piece, bool is_error)> sink) = 0;
    /// Hands over now what was written so far: for whoever hears from the process by another way and must not
    /// be ahead of its output.
    virtual void read_output() = 0;
    /// Asked of the kernel now: true may come before `wait` returns.
    virtual bool ended() const noexcept = 0;
    /// How many times the kernel killed something of this group for memory, so far.
    virtual int out_of_memory_kills() const = 0;
    virtual std::size_t peak_memory_bytes() const = 0;
    /// Current use of the whole group.
    virtual std::size_t memory_bytes() const = 0;
    /// Suspends until the first process ended; what is left of the group is then killed.
    virtual Task<SandboxExit> wait() = 0;
    /// Kills the group, at once and wholly; `wait` then returns.
    virtual void kill() noexcept = 0;
};

/// Runs code that is not trusted: handlers, the import check, sdist builds. What a sandboxed
/// process cannot do: see the home directory, the project, credentials or PYFOPS_* variables; write outside
/// its own /tmp; gain privileges; outlive its owner. Used from the engine's thread.
class PYFOPS_EXPORT Sandbox {
  public:
    virtual ~Sandbox();
    virtual const SandboxAbilities& abilities() const = 0;
    /// Throws Error(invalid_input) for a command or mount that is no absolute path, not_found for a mount
    /// whose host side is not there, forbidden when this machine lets the sandbox do less than was required,
    /// and internal, with the step that failed, when the process cannot be started.
    virtual std::unique_ptr<SandboxProcess> start(SandboxRequest request) = 0;

    struct Result {
        SandboxExit exit;
        std::string output;
        std::string error_output;
        bool truncated = false;
    };
    /// start, collect the output, wait. At the deadline the group is killed, which is a result (`timed_out`)
    /// and no error, as is any other end of the program. Throws what `start` throws, and Error(cancelled)
    /// after killing the group.
    virtual Task<Result> run(SandboxRequest request, Deadline deadline) = 0;
};

/// A Python interpreter that the sandbox can run: never "python3 on PATH".
struct PythonRuntime {
    std::string version;              ///< "3.11"
    std::string full_version;         ///< "3.11.2"
    std::filesystem::path executable; ///< inside `root`
    std::filesystem::path root;       ///< empty: the host
    std::string glibc;                ///< "2.36"
    std::string suite = {};           ///< "trixie"; empty: the host
    std::size_t bytes = 0;            ///< of the root; 0: not known
};

/// The host's /usr/bin/python3 and the runtime roots under `cache/runtimes`.
PYFOPS_EXPORT std::vector<PythonRuntime> python_runtimes(const std::filesystem::path& cache);

/// The runtime of exactly that version, else the host's; nullopt when there is none at all.
PYFOPS_EXPORT std::optional<PythonRuntime> choose_runtime(const std::vector<PythonRuntime>& runtimes,
                                                          std::string_view version);

} // namespace pyfops
