// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "protocol.hpp"

#include <string>

namespace pyfops::google_emulator {

/// Who is who: the token endpoint, the exchange of other issuers' tokens, and what makes one account into
/// another.
class Tokens {
  public:
    Tokens(World& world, Keys& keys) : world_(world), keys_(keys) {}

    ServerResponse handle(Call& call);

    /// The caller of an API, by an access token or by a JWT that a service account signed for itself. Throws
    /// UNAUTHENTICATED.
    std::string authenticate(const HttpCall& request, const std::string& service) const;
    /// Whether an ID token of Google's is for one of these audiences, and still good. Throws ApiError with
    /// 401 (403 for none).
    void check_id_token(const HttpCall& request, const std::vector<std::string>& audiences);

  private:
    ServerResponse token(const Call& call);
    ServerResponse grant(const QueryFields& fields);
    ServerResponse refresh(const QueryFields& fields);
    ServerResponse exchange(const Call& call);
    ServerResponse impersonate(Call& call);

    std::string access_token(const std::string& principal) const;
    std::string id_token(const std::string& email, const std::string& audience);
    /// "" when the seal or the time does not fit.
    std::string principal_of(const std::string& access_token) const;
    std::int64_t lifetime() const { return world_.setting("google.token_seconds", 3599); }

    World& world_;
    Keys& keys_;
};

} // namespace pyfops::google_emulator
