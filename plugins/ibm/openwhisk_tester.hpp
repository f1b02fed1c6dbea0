// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "openwhisk.hpp"
#include "openwhisk_cloud.hpp"
#include "pyfops/provider.hpp"

namespace pyfops::ibm {

/// Calls web actions, and reads the activation afterwards: how long, how cold, what was printed.
class OpenWhiskTester final : public Tester {
  public:
    explicit OpenWhiskTester(OpenWhiskCloud& cloud) : cloud_(cloud) {}
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;

  private:
    Task<std::optional<openwhisk::Activation>> activation(Whisk whisk, std::string id, Milliseconds patience,
                                                          StageContext& context);
    Task<HttpResponse> call(const InvokeRequest& request, StageContext& context);

    OpenWhiskCloud& cloud_;
};

/// What an activation says of a call that the web did not answer: the action's result as it would have been
/// sent, or why there is none.
Invocation read_activation(const openwhisk::Activation& activation, bool probe);

} // namespace pyfops::ibm
