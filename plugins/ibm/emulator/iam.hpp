// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <string>

namespace pyfops::ibm_emulator {

/// IBM Cloud IAM: an API key becomes a token, which is a JWT that clients decode. Signed here and verified
/// here.
class Iam {
  public:
    explicit Iam(World& world) : world_(world) {}
    std::string api_key() const;
    ServerResponse token(const HttpCall& call) const;
    /// Throws ApiError(401) for a call without a token of ours that is still good.
    void check(const HttpCall& call) const;

  private:
    std::string signing_key() const;
    World& world_;
};

} // namespace pyfops::ibm_emulator
