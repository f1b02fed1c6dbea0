// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace pyfops::azure_emulator {

// Of no real account.
inline constexpr const char* subscription_id = "00000000-0000-0000-0000-000000000000";
inline constexpr const char* tenant_id = "00000000-0000-0000-0000-000000000001";
inline constexpr const char* client_id = "00000000-0000-0000-0000-000000000002";
inline constexpr const char* insights_id = "00000000-0000-0000-0000-000000000003";

inline constexpr const char* login_host = "login.microsoftonline.com";
inline constexpr const char* manager_host = "management.azure.com";
inline constexpr const char* insights_host = "api.applicationinsights.io";
inline constexpr const char* site_suffix = ".azurewebsites.net";
inline constexpr const char* scm_suffix = ".scm.azurewebsites.net";
inline constexpr const char* blob_suffix = ".blob.core.windows.net";

/// What all emulated services share.
class World {
  public:
    explicit World(EmulatorHost& host) : host_(host) {}

    EmulatorHost& host() const { return host_; }
    EmulatorState& state() const { return host_.state; }
    std::int64_t now_ms() const;
    std::string now_text() const;
    /// A number of the fault plan's settings ("azure.publish_ms"), or the default.
    std::int64_t setting(const std::string& name, std::int64_t otherwise) const;
    /// What a change that ends now fails with: the setting `states.fail`; "" when it goes well.
    std::string failure() const;
    /// How many things a page holds when it may hold `most`: fewer with the setting `pages.size`.
    std::size_t page(std::size_t most) const;
    std::string uuid() const { return host_.random.uuid(); }
    /// As a key of an account or of an app: unguessable.
    std::string key(std::size_t bytes) const;

  private:
    EmulatorHost& host_;
};

/// "East US" and "eastus" are one region; "" for what is none.
std::string region_code(const std::string& location);
bool is_region(const std::string& code);

} // namespace pyfops::azure_emulator
