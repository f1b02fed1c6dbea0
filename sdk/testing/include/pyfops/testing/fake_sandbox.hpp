// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/sandbox.hpp"

#include <functional>
#include <vector>

namespace pyfops::testing {

/// Runs nothing: `run` asks the handler, `start` is refused.
class FakeSandbox final : public Sandbox {
  public:
    std::function<Result(const SandboxRequest&)> handler;
    std::vector<SandboxRequest> requests;
    SandboxAbilities what_it_can;

    const SandboxAbilities& abilities() const override { return what_it_can; }
    std::unique_ptr<SandboxProcess> start(SandboxRequest request) override;
    Task<Result> run(SandboxRequest request, Deadline deadline) override;
};

} // namespace pyfops::testing
