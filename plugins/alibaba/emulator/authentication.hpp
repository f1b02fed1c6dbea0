// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "protocol.hpp"

#include <map>
#include <string>

namespace pyfops::alibaba_emulator {

/// Checks who sends a request: signature, time, key, token, and that no request is sent twice.
class Authentication {
  public:
    Authentication(World& world, Keys& keys) : world_(world), keys_(keys) {}
    /// Fills key_id and principal of the call; leaves them empty for a request without signature. Throws
    /// ApiError in the words of the service.
    void check(const ServerRequest& request, Call& call);

  private:
    void check_acs3(const ServerRequest& request, Call& call);
    void check_v4(const ServerRequest& request, Call& call);
    AccessKey known_key(const Call& call, const std::string& id, const std::string& token);
    void check_nonce(const Call& call, const std::string& key_id, const std::string& nonce);

    World& world_;
    Keys& keys_;
    std::map<std::string, std::int64_t> nonces_; ///< and until when they are kept
};

} // namespace pyfops::alibaba_emulator
