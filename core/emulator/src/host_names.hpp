// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pyfops {

// Any page may let its own name resolve to this machine (DNS rebinding) and would then be of the same origin;
// its browser still sends that name in the Host header. So only names that cannot be such a page's are
// served.

/// Whether a Host header, with or without port, names this machine: localhost and names below it,
/// 127.0.0.0/8,
/// [::1].
bool names_this_machine(std::string_view host_header);

/// Whether it names `domain` (lower case) or something below it.
bool names_domain(std::string_view host_header, std::string_view domain);

} // namespace pyfops
