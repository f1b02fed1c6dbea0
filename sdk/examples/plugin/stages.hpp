// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pyfops/provider.hpp>

#include <optional>
#include <string>
#include <vector>

namespace acme {

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
    explicit AcmeTester(const pyfops::ProviderInfo& info) : info_(info) {}
    pyfops::Task<pyfops::Invocation> invoke(const pyfops::InvokeRequest&, pyfops::StageContext&) override;

  private:
    const pyfops::ProviderInfo& info_;
};

} // namespace acme
