// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/world.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pyfops {

/// The one identity provider that the emulated clouds trust where a workload signs in with a JSON web token
/// of somebody else's. Its tokens are signed (HS256) with a key that is made once for each state directory
/// and is the same for all faces. The world must outlive it. Used from the emulator's thread.
class PYFOPS_EXPORT IdentityProvider {
  public:
    /// Makes the key when there is none yet and writes it to `identity/key` below the state's directory, for
    /// clients that sign tokens themselves (mode 0600). Throws what the state throws.
    explicit IdentityProvider(EmulatorWorld& world);

    /// A token for `audience` that is good for seven days, written to `identity/<name>` (mode 0600). Throws
    /// Error(invalid_input) naming the file that cannot be written.
    void write_token(const std::string& name, const std::string& audience) const;

    /// What a token of this provider says; nullopt for any other one. Whether it is still good, and for whom,
    /// is the caller's matter. Throws Error(invalid_input) for what is no token at all.
    std::optional<json::object> claims(std::string_view token) const;

  private:
    std::string signature(std::string_view signed_text) const;

    EmulatorWorld& world_;
    Secret key_;
};

} // namespace pyfops
