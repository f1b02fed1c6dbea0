// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pyfops/provider.hpp>

#include <map>
#include <string>

namespace acme {

/// Where the API is and what opens it. Throws unauthenticated that says which variable is missing.
struct Endpoint {
    pyfops::Url url;
    pyfops::Secret token;
};
Endpoint endpoint(const pyfops::StageContext& context);

/// The entry file, made for one function.
std::map<std::string, std::string> entry_files(const pyfops::WrapRequest& request);

class AcmeDeployer final : public pyfops::Deployer {
  public:
    pyfops::Task<pyfops::Deployment> deploy(const pyfops::DeployRequest&, pyfops::StageContext&) override;
    pyfops::Task<pyfops::Deployment> configure(const pyfops::ConfigureRequest&,
                                               pyfops::StageContext&) override;
    pyfops::Task<std::optional<pyfops::Deployment>> find(const pyfops::FindRequest&,
                                                         pyfops::StageContext&) override;
    pyfops::Task<std::vector<pyfops::Deployment>> list(const pyfops::ListRequest&,
                                                       pyfops::StageContext&) override;
    pyfops::Task<void> remove(const pyfops::RemoveRequest&, pyfops::StageContext&) override;
    pyfops::Task<void> remove_shared(const pyfops::ListRequest&, pyfops::StageContext&) override;
    pyfops::Task<std::vector<pyfops::LogLine>> logs(const pyfops::LogsRequest&,
                                                    pyfops::StageContext&) override;
};

class AcmeTester final : public pyfops::Tester {
  public:
    pyfops::Task<pyfops::Invocation> invoke(const pyfops::InvokeRequest&, pyfops::StageContext&) override;
};

} // namespace acme
