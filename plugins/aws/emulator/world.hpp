// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"

#include <cstdint>
#include <string>

namespace pyfops::aws_emulator {

/// No real account has this number.
inline constexpr std::string_view account = "000000000000";

/// What all emulated services share.
class World {
  public:
    explicit World(EmulatorHost& host) : host_(host) {}

    EmulatorHost& host() const { return host_; }
    EmulatorState& state() const { return host_.state; }
    /// The cloud's clock; a setting puts it ahead of the machine's, or behind.
    SystemTime now() const;
    std::int64_t now_ms() const;
    /// A number of the fault plan's settings ("lambda.pending_ms"), or the default.
    std::int64_t setting(const std::string& name, std::int64_t otherwise) const;
    std::string setting_text(const std::string& name) const;
    /// How many things a page holds when it may hold `most`: fewer with the setting `pages.size`.
    std::size_t page(std::size_t most) const;
    std::string uuid() const { return host_.random.uuid(); }
    /// `count` characters of `alphabet`; unguessable.
    std::string random_text(std::size_t count, std::string_view alphabet) const;

  private:
    EmulatorHost& host_;
};

/// "2025-11-25T02:26:54.000+0000", as Lambda writes times.
std::string lambda_time(SystemTime time);
/// "2025-11-25T02:26:54.000Z", as S3 writes them.
std::string xml_time(SystemTime time);

} // namespace pyfops::aws_emulator
