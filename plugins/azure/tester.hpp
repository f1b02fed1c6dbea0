// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/once.hpp"

namespace pyfops::azure {

/// Calls functions over HTTP, with a key of the app or, where it has none, of the function.
class AzureTester final : public Tester {
  public:
    AzureTester(Cloud& cloud, const ProviderInfo& info) : cloud_(cloud), info_(info) {}
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;

  private:
    Task<Secret> read_key(Session session, std::string group, std::string app, std::string function,
                          StageContext& context);
    Task<Secret> key(const Session& session, const std::string& group, const std::string& app,
                     const std::string& function, StageContext& context);
    Task<HttpResponse> post(const Session& session, const Deployment& deployment, Bytes body, Secret key,
                            StageContext& context);

    Cloud& cloud_;
    const ProviderInfo& info_;
    sdk::Once<Secret> keys_;
};

} // namespace pyfops::azure
