// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "protocol.hpp"

#include "pyfops/emulator/identity.hpp"

namespace pyfops::alibaba_emulator {

/// Security Token Service (2015-04-01).
class Sts {
  public:
    Sts(World& world, Keys& keys);
    ServerResponse handle(const Call& call);

  private:
    ServerResponse assume(const Call& call, bool with_token);
    void check_token(const std::string& token) const;

    World& world_;
    Keys& keys_;
    IdentityProvider issuer_;
};

} // namespace pyfops::alibaba_emulator
