// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"

#include <cstdint>
#include <string>

namespace pyfops::google_emulator {

/// No real project has this id: the number of one begins with another digit.
inline constexpr std::string_view project = "pyfops-local";
inline constexpr std::string_view project_number = "000000000000";

/// What all emulated services share.
class World {
  public:
    explicit World(EmulatorHost& host) : host_(host) {}

    EmulatorHost& host() const { return host_; }
    EmulatorState& state() const { return host_.state; }
    SystemTime now() const;
    std::int64_t now_ms() const;
    std::int64_t now_seconds() const { return now_ms() / 1000; }
    /// A number of the fault plan's settings ("google.create_ms"), or the default.
    std::int64_t setting(const std::string& name, std::int64_t otherwise) const;
    std::optional<json::value> setting(const std::string& name) const;
    /// How many things a page holds when it may hold `most`: fewer with the setting `pages.size`.
    std::size_t page(std::size_t most) const;
    std::string uuid() const { return host_.random.uuid(); }

  private:
    EmulatorHost& host_;
};

/// "2026-11-23T06:47:00.123000Z": as wide as any other.
std::string google_time(std::int64_t milliseconds);
/// The same and shorter forms, in microseconds; nullopt for what is no time.
std::optional<std::int64_t> microseconds(const std::string& text);

} // namespace pyfops::google_emulator
