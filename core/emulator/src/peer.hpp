// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pyfops {

/// Whether the other end of `socket`, a TCP connection over the loopback, belongs to the sandboxed process
/// `pid` or one beside it: sandboxes that share the machine's network see each other's ports. True as well
/// where that cannot be told apart: without a process namespace of its own, or without the right to look.
/// Where the sandbox has a network of its own nobody else is there.
bool is_peer_of(int socket, int pid);

} // namespace pyfops
