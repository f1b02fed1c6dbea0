// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "protocol.hpp"

namespace pyfops::alibaba_emulator {

/// Security Token Service (2015-04-01).
class Sts {
  public:
    Sts(World& world, Keys& keys) : world_(world), keys_(keys) {}
    ServerResponse handle(const Call& call);

  private:
    ServerResponse assume(const Call& call, bool with_token);

    World& world_;
    Keys& keys_;
};

} // namespace pyfops::alibaba_emulator
