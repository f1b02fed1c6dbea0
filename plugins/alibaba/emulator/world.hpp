// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"

#include <cstdint>
#include <string>

namespace pyfops::alibaba_emulator {

/// No real account has this number.
inline constexpr std::string_view account = "0000000000000000";

/// The project and Logstore that are there in every region.
inline constexpr std::string_view log_project = "pyfops-local";
inline constexpr std::string_view log_store = "default-logs";

/// What all emulated services share.
class World {
  public:
    explicit World(EmulatorHost& host) : host_(host) {}

    EmulatorHost& host() const { return host_; }
    EmulatorState& state() const { return host_.state; }
    /// The cloud's clock; a setting puts it ahead of the machine's, or behind.
    SystemTime now() const;
    std::int64_t now_ms() const;
    /// A number of the fault plan's settings ("alibaba.pending_ms"), or the default.
    std::int64_t setting(const std::string& name, std::int64_t otherwise) const;
    std::string setting_text(const std::string& name, std::string otherwise) const;
    /// How many things a page holds when it may hold `most`: fewer with the setting `pages.size`.
    std::size_t page(std::size_t most) const;
    std::string uuid() const { return host_.random.uuid(); }
    /// `count` characters of `alphabet`; unguessable.
    std::string random_text(std::size_t count, std::string_view alphabet) const;

  private:
    EmulatorHost& host_;
};

} // namespace pyfops::alibaba_emulator
