// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

#include "pyfops/emulator/identity.hpp"
#include "pyfops/secret.hpp"

#include <string>

namespace pyfops::azure_emulator {

/// Microsoft Entra ID of one tenant with one application: tokens are signed, and verified where they come
/// back.
class Authority {
  public:
    explicit Authority(World& world);
    ServerResponse handle(const Call& call);
    /// Whoever calls must have a token of ours for that audience; throws ApiError(401).
    void require(const Call& call, std::string_view audience);
    /// The secret that environment() hands to clients; made at the first use and then kept.
    Secret client_secret();

  private:
    struct Keys {
        std::string id, public_pem;
        Secret private_pem;
    };
    Keys keys();
    json::object meta();
    ServerResponse token(const Call& call);
    ServerResponse configuration(const Call& call) const;
    ServerResponse instance(const Call& call) const;
    ServerResponse published_keys();
    void check_proof(const QueryFields& form);

    World& world_;
    IdentityProvider issuer_;
};

} // namespace pyfops::azure_emulator
