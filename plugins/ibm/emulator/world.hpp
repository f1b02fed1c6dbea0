// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"
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
class World {
  public:
    explicit World(EmulatorHost& host) : host_(host) {}

    EmulatorHost& host() const { return host_; }
    EmulatorState& state() const { return host_.state; }
    SystemTime now() const { return host_.clock.system_now(); }
    std::int64_t now_ms() const;
    /// A number of the fault plan's settings ("ibm.deploy_ms"), or the default.
    std::int64_t setting(const std::string& name, std::int64_t otherwise) const;
    std::string setting_text(const std::string& name) const; ///< "" where there is none
    /// How many things a page holds when it may hold `most`: fewer with the setting `pages.size`.
    std::size_t page(std::size_t most) const;
    std::string uuid() const { return host_.random.uuid(); }
    /// `count` characters of `alphabet`; unguessable.
    std::string random_text(std::size_t count, std::string_view alphabet) const;
    /// A text that is made at the first use and then kept: a key of this local cloud.
    std::string kept(const std::string& name, const std::function<std::string()>& make) const;

  private:
    EmulatorHost& host_;
};

/// What an instance was given; lines of what it printed go to the emulator's log.
void log_lines(const World& world, const std::string& what, const std::string& text);

} // namespace pyfops::ibm_emulator
