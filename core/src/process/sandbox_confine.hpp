// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pyfops::process {

/// Takes from this process and all it starts: user namespaces, in which it would have every capability again,
/// VSOCK sockets and io_uring (seccomp), and, where the kernel can (Landlock, Linux 6.12), sockets with
/// abstract names and signals to processes outside. Needs no_new_privs; async-signal-safe. False when user
/// namespaces stay possible.
bool confine() noexcept;

} // namespace pyfops::process
