// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/world.hpp"

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
class World : public EmulatorWorld {
  public:
    using EmulatorWorld::EmulatorWorld;

    std::string now_text() const;
    /// What a change that ends now fails with: the setting `states.fail`; "" when it goes well.
    std::string failure() const { return setting_text("states.fail"); }
    /// As a key of an account or of an app: unguessable.
    std::string key(std::size_t bytes) const;
};

/// "East US" and "eastus" are one region; "" for what is none.
std::string region_code(const std::string& location);
bool is_region(const std::string& code);

} // namespace pyfops::azure_emulator
