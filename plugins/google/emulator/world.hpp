// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/world.hpp"

#include <cstdint>
#include <string>

namespace pyfops::google_emulator {

/// No real project has this id: the number of one begins with another digit.
inline constexpr std::string_view project = "pyfops-local";
inline constexpr std::string_view project_number = "000000000000";

/// What all emulated services share.
class World : public EmulatorWorld {
  public:
    using EmulatorWorld::EmulatorWorld;

    std::int64_t now_seconds() const { return now_ms() / 1000; }
};

/// "2026-11-23T06:47:00.123000Z": as wide as any other.
std::string google_time(std::int64_t milliseconds);
/// The same and shorter forms, in microseconds; nullopt for what is no time.
std::optional<std::int64_t> microseconds(const std::string& text);

} // namespace pyfops::google_emulator
