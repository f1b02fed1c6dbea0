// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/world.hpp"
#include "pyfops/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pyfops::ibm_emulator {

/// No real account has this id.
inline constexpr std::string_view account = "pyfops-local";
/// For requests that name no region's host.
inline constexpr std::string_view default_region = "us-south";

/// What the emulated services share.
class World : public EmulatorWorld {
  public:
    using EmulatorWorld::EmulatorWorld;

    /// A text that is made at the first use and then kept: a key of this local cloud.
    std::string kept(const std::string& name, const std::function<std::string()>& make) const;
};

/// What an instance was given; lines of what it printed go to the emulator's log.
void log_lines(const World& world, const std::string& what, const std::string& text);

} // namespace pyfops::ibm_emulator
