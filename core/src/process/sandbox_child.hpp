// SPDX-License-Identifier: Apache-2.0
// What happens between the fork and the program: the first process of a sandbox builds the view, starts the
// program as its child and stays as the group's keeper.
#pragma once

#include "process/child.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pyfops::process {

struct BindMount {
    std::string source; ///< of the host
    std::string target; ///< inside
    bool directory = true;
    bool writable = false;
    bool device = false;
};

/// Everything the children need, laid out before the fork: they may not allocate.
struct SandboxPlan {
    bool view = false;                 ///< own mounts, processes, IPC and host name
    bool user_space = false;           ///< a user namespace; set where we are not root
    bool own_network = false;          ///< a network namespace with loopback only
    bool change_user = false;          ///< to `uid`, from root
    bool limit_user_processes = false; ///< RLIMIT_NPROC, where it counts this group alone
    bool probe = false;                ///< end well just before the program would start
    unsigned uid = 65534;
    unsigned gid = 65534;
    std::string uid_map;
    std::string gid_map;

    std::vector<std::string> directories; ///< to make in the new root, parents first
    std::vector<BindMount> binds;
    std::vector<std::string> hidden; ///< directories that are to be empty
    struct Text {
        std::string path;
        std::string content; ///< or the target of a link
    };
    std::vector<Text> links;
    std::vector<Text> files;
    std::string tmp_options;

    std::string program;
    StringArray arguments;
    StringArray environment;
    std::string directory;
    int max_processes = 0;
    int max_open_files = 0;
    std::size_t max_file_bytes = 0;

    std::uint16_t listener_port = 0; ///< with own_network: listen there and hand the socket back

    int input = -1, output = -1, errors = -1;
    int report = -1;  ///< a Failure goes there; closed by the exec
    int control = -1; ///< SOCK_SEQPACKET: one byte (with the listener) before the exec, the wait status at
                      ///< the end; when the owner's end closes, the group ends
    std::vector<int> groups; ///< cgroup.procs
    std::vector<int> keep;   ///< all descriptors above, sorted
};

/// CLONE_* flags for the first process.
unsigned long clone_flags(const SandboxPlan& plan) noexcept;

/// The first process: never returns. Async-signal-safe.
[[noreturn]] void run_sandbox(const SandboxPlan& plan) noexcept;

} // namespace pyfops::process
