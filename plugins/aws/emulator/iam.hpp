// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

namespace pyfops::aws_emulator {

/// Whether a trust policy lets `principal` ("Service" "lambda.amazonaws.com", "AWS", "Federated") do
/// `action`.
/// "*" as `principal` asks for any of that kind.
bool trusts(std::string_view policy, std::string_view kind, std::string_view principal,
            std::string_view action);

/// Roles and their policies. Policies are stored and returned; only trust policies are evaluated.
class Iam {
  public:
    explicit Iam(World& world) : world_(world) {}
    ServerResponse handle(const Call& call);

    /// The stored role, by name.
    std::optional<json::object> role(const std::string& name) const;
    /// Whether Lambda can assume the role of that ARN by now: it exists, trusts Lambda and has propagated.
    bool assumable_by_lambda(const std::string& arn) const;

  private:
    std::string create_role(const Fields& form);
    std::string delete_role(const Fields& form);
    std::string list_roles(const Fields& form) const;
    std::string update_role(const Fields& form);
    std::string role_policy(const std::string& action, const Fields& form);
    std::string attached_policy(const std::string& action, const Fields& form);
    std::string tags(const std::string& action, const Fields& form);
    json::object required(const Fields& form) const;
    void store(const json::object& role);
    std::string describe(const json::object& role) const;

    World& world_;
};

} // namespace pyfops::aws_emulator
