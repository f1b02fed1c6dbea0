// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "world.hpp"

#include "pyfops/secret.hpp"

#include <optional>
#include <string>

namespace pyfops::aws_emulator {

struct AccessKey {
    std::string id;
    Secret secret;
    std::string token;           ///< "" for a key without session
    std::string principal;       ///< ARN of the caller
    std::string user_id;         ///< as GetCallerIdentity says it
    bool of_function = false;    ///< found by functions in their environment, or got with such a key
    std::int64_t expires_ms = 0; ///< 0: never
};

/// The access keys of the emulated account.
class Keys {
  public:
    explicit Keys(World& world) : world_(world) {}
    std::optional<AccessKey> find(const std::string& id) const;
    /// The key that environment() hands to clients; made at the first use and then kept.
    AccessKey client();
    /// A session of a role. `lifetime_seconds` 0: does not end.
    AccessKey issue(const std::string& role_arn, const std::string& role_id, const std::string& session,
                    std::int64_t lifetime_seconds, bool of_function);
    /// The key that functions of a role find in their environment; one for each role.
    AccessKey of_role(const std::string& role_arn);
    /// Whether a key is a function's (AccessKey::of_function).
    bool is_function(const std::string& id) const;

  private:
    AccessKey store(AccessKey key);
    World& world_;
};

} // namespace pyfops::aws_emulator
