// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "openwhisk.hpp"
#include "openwhisk_cloud.hpp"
#include "pyfops/provider.hpp"

#include <optional>

namespace pyfops::ibm {

/// Actions of an Apache OpenWhisk host, exported to the web.
class OpenWhiskDeployer final : public Deployer {
  public:
    explicit OpenWhiskDeployer(OpenWhiskCloud& cloud) : cloud_(cloud) {}

    Task<Deployment> deploy(const DeployRequest& request, StageContext& context) override;
    Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) override;
    Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) override;
    Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) override;
    Task<void> remove(const RemoveRequest& request, StageContext& context) override;
    Task<void> remove_shared(const ListRequest& request, StageContext& context) override;
    Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) override;

  private:
    Task<std::optional<openwhisk::Action>> look(Whisk whisk, std::string name, StageContext& context);
    Task<openwhisk::Action> write(Whisk whisk, std::string name, openwhisk::ActionChange change,
                                  StageContext& context);

    OpenWhiskCloud& cloud_;
};

} // namespace pyfops::ibm
