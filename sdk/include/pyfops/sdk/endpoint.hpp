// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/system.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pyfops::sdk {

/// A variable of the environment; nullopt when it is not set or empty, as the clouds' own tools have it.
std::optional<std::string> variable(const System& system, std::string_view name);

/// Whether a variable says "true", in any case.
bool is_true(const System& system, std::string_view name);

/// Whether a URL's host is this machine: "localhost", "::1", an address in 127.0.0.0/8. Other names are not
/// looked up.
bool is_loopback(std::string_view host);

/// Whether a variable holds a URL of this machine: an emulator. False for what is no URL; that is told where
/// the URL is needed.
bool is_loopback_url(const System& system, std::string_view name);

} // namespace pyfops::sdk
