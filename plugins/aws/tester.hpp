// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "pyfops/provider.hpp"

namespace pyfops::aws {

/// Synchronous invocations, with the log tail and its measurements.
class AwsTester final : public Tester {
  public:
    AwsTester(Cloud& cloud, const ProviderInfo& info) : cloud_(cloud), info_(info) {}
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;

  private:
    Cloud& cloud_;
    const ProviderInfo& info_;
};

} // namespace pyfops::aws
