// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "pyfops/provider.hpp"

namespace pyfops::alibaba {

/// Synchronous invocations through the API, not through the trigger: it is signed whatever the trigger's
/// authentication is, works without a trigger, marks function errors itself and gives duration, memory and
/// the end of the log, which a call over HTTP does not.
class AlibabaTester final : public Tester {
  public:
    AlibabaTester(Cloud& cloud, const ProviderInfo& info) : cloud_(cloud), info_(info) {}
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;

  private:
    Cloud& cloud_;
    const ProviderInfo& info_;
};

} // namespace pyfops::alibaba
