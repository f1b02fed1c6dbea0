// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "iam.hpp"
#include "keys.hpp"

#include "pyfops/emulator/identity.hpp"

namespace pyfops::aws_emulator {

/// Who am I, and sessions of roles.
class Sts {
  public:
    Sts(World& world, Iam& iam, Keys& keys);
    /// `key_id`: of the request's signature, "" without.
    ServerResponse handle(const Call& call, const std::string& key_id);

  private:
    /// `of_function`: asked for by a function.
    std::string session(const Fields& form, const json::object& role, bool of_function);
    json::object role_of(const Fields& form, std::string_view action, const std::string& who) const;
    std::string with_web_identity(const Fields& form);

    World& world_;
    Iam& iam_;
    Keys& keys_;
    IdentityProvider issuer_;
};

} // namespace pyfops::aws_emulator
