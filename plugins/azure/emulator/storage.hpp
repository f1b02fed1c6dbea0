// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "resources.hpp"

#include <optional>
#include <string>

namespace pyfops::azure_emulator {

/// Microsoft.Storage: accounts, their keys and containers; and blobs by shared access signature.
class Storage {
  public:
    Storage(World& world, Resources& resources);
    ServerResponse handle(const Call& call);
    /// PUT, GET and DELETE of one blob.
    ServerResponse handle_blob(const Call& call);

    /// The content that an address with a signature leads to, as the platform itself fetches it; nullopt when
    /// there is none or the signature does not fit.
    std::optional<Bytes> fetch(const std::string& address) const;
    bool has_container(const std::string& address) const;

  private:
    ServerResponse put_account(const Call& call);
    ServerResponse containers(const Call& call, const json::object& account);
    json::object require_account(const Call& call) const;
    json::object describe(const json::object& account) const;
    void remove(const std::string& name);
    std::string require_blob(const Call& call, char permission) const;

    World& world_;
    Resources& resources_;
};

} // namespace pyfops::azure_emulator
