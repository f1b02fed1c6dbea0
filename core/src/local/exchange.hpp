// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pyfops {

struct ControlAnswer {
    int status = 0;
    std::string body;
};

/// One blocking exchange with the emulator on 127.0.0.1 (HTTP/1.0, a connection of its own). Throws
/// Error(unavailable) when nobody answers within ten seconds.
PYFOPS_EXPORT ControlAnswer control_exchange(std::uint16_t port, std::string_view method,
                                             std::string_view path, std::string_view token,
                                             std::string_view body = {});

} // namespace pyfops
