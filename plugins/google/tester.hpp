// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "invocation.hpp"
#include "pyfops/provider.hpp"

#include <optional>

namespace pyfops::google {

/// Invocations over HTTP, with an ID token unless everybody may call.
class GoogleTester final : public Tester {
  public:
    GoogleTester(Cloud& cloud, const ProviderInfo& info) : cloud_(cloud), info_(info) {}
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;

  private:
    struct Exchange {
        HttpResponse answer;
        SystemTime sent; ///< by Google's clock
        Milliseconds round_trip{};
        std::optional<Error> refused; ///< in place of `answer`: no instance took the event
    };
    Task<Exchange> call(const Session& session, const Deployment& deployment, std::string body,
                        StageContext& context);
    /// What the platform's log says of an answer that was not the function's.
    Task<std::optional<FunctionError>> look_for_cause(const Session& session, const Deployment& deployment,
                                                      SystemTime since, StageContext& context);
    Task<std::string> recent_lines(const Session& session, const Deployment& deployment, SystemTime since,
                                   StageContext& context);

    Cloud& cloud_;
    const ProviderInfo& info_;
};

} // namespace pyfops::google
