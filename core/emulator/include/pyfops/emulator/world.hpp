// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pyfops {

/// What the services of one emulated cloud share: the host's parts, the cloud's clock, and how the fault
/// plan's settings are read. A face may derive its own from it. The host must outlive it. Used from the
/// emulator's thread.
class PYFOPS_EXPORT EmulatorWorld {
  public:
    explicit EmulatorWorld(EmulatorHost& host) noexcept : host_(host) {}

    EmulatorHost& host() const noexcept { return host_; }
    EmulatorState& state() const noexcept { return host_.state; }

    /// The cloud's clock: the setting `clock.skew_ms` puts it ahead of the machine's, or behind. Whatever the
    /// cloud says or checks of times goes by it.
    SystemTime now() const;
    std::int64_t now_ms() const; ///< since 1970

    /// A setting of the fault plan as it is; nullopt: not set.
    std::optional<json::value> setting(const std::string& name) const;
    /// A whole number ("lambda.pending_ms"); `otherwise` where it is not set, or no such number.
    std::int64_t setting(const std::string& name, std::int64_t otherwise) const;
    /// A text; `otherwise` where it is not set, or no text.
    std::string setting_text(const std::string& name, std::string otherwise = {}) const;
    /// How many things a page holds when it may hold `most`: fewer with the setting `pages.size`.
    std::size_t page(std::size_t most) const;

    std::string uuid() const { return host_.random.uuid(); }
    /// `count` characters of `alphabet` (not empty, at most 256 of them); unguessable.
    std::string random_text(std::size_t count, std::string_view alphabet) const;

  private:
    EmulatorHost& host_;
};

} // namespace pyfops
