// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "protocol.hpp"

#include <string>

namespace pyfops::google_emulator {

/// The part of Cloud Storage that functions need: signed URLs for one upload each.
class Uploads {
  public:
    Uploads(World& world, Keys& keys) : world_(world), keys_(keys) {}

    ServerResponse generate(const Call& call);
    ServerResponse put(const Call& call, const std::string& raw_query);
    /// The SHA-256 of the blob that a storageSource names. Throws ApiError.
    std::string fetch(const json::value& storage_source) const;

  private:
    std::string signature(const std::string& object, const std::string& query) const;
    void forget_old();

    World& world_;
    Keys& keys_;
};

} // namespace pyfops::google_emulator
