// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/sandbox_child.hpp"

namespace pyfops::process {

/// The mount view of the plan, from inside a new mount namespace. Returns the step that failed, with errno,
/// or nullptr. Async-signal-safe.
const char* build_view(const SandboxPlan& plan) noexcept;

/// Brings a new network namespace's loopback up.
bool loopback_up() noexcept;
/// A listener on 127.0.0.1; -1 with errno.
int listen_on(std::uint16_t port) noexcept;

} // namespace pyfops::process
