// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/log.hpp"
#include "pyfops/sandbox.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>

namespace pyfops {

struct SandboxOptions {
    bool require_complete = false;       ///< `start` throws Error(forbidden) when anything is missing
    std::filesystem::path cgroup_parent; ///< below each hierarchy's root; empty: this process's own group
    /// For tests: as on a machine that has no control groups, or no namespaces.
    bool without_cgroups = false;
    bool without_namespaces = false;
};

/// The machine's sandbox; everything runs on `executor`, which one thread serves. What the machine allows is
/// tried at the first use.
PYFOPS_EXPORT std::unique_ptr<Sandbox> make_sandbox(boost::asio::any_io_executor executor, Clock& clock,
                                                    Log& log, SandboxOptions options = {});

} // namespace pyfops
