// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/sandbox_child.hpp"
#include "pyfops/sandbox.hpp"

#include <filesystem>

namespace pyfops::process {

/// What the machine allows, as tried.
struct SandboxMeans {
    bool root = false;
    bool view = false;       ///< mount, process, IPC and host name namespaces
    bool user_space = false; ///< through a user namespace
    bool network = false;    ///< network namespaces
};

/// The plan for a request; throws Error(invalid_input) for one that makes no sense. Descriptors and control
/// groups are the caller's to add. `private_tmp`: the host's directory that stands for /tmp where there is no
/// view of its own. `host_port`: of the listener that the owner opened, 0 when the sandbox opens it itself.
SandboxPlan plan_sandbox(const SandboxRequest& request, const SandboxMeans& means,
                         const std::filesystem::path& private_tmp, std::uint16_t host_port);

} // namespace pyfops::process
