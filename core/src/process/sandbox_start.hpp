// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/cgroup.hpp"
#include "process/sandbox_factory.hpp"
#include "process/sandbox_plan.hpp"
#include "process/sandbox_process.hpp"

namespace pyfops::process {

/// Finds out what the machine allows and starts groups accordingly.
class SandboxStarter {
  public:
    SandboxStarter(const SandboxOptions& options, Log& log);

    const SandboxAbilities& abilities() const noexcept { return abilities_; }
    /// Blocks until the program is executing (milliseconds). Throws Error(internal) with the step that
    /// failed, Error(invalid_input, not_found) for a request that makes no sense.
    StartedGroup start(const SandboxRequest& request);

  private:
    StartedGroup start(const SandboxRequest& request, const SandboxMeans& means, bool with_groups,
                       bool probe);
    /// Whether a sandbox starts that way; else why not, in `reason`.
    bool works(const SandboxMeans& means, bool with_groups, bool network, std::string& reason);
    void find_means(const SandboxOptions& options);

    CgroupHome home_;
    SandboxMeans means_;
    SandboxAbilities abilities_;
    Log& log_;
};

} // namespace pyfops::process
