// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/face.hpp"

#include <memory>

namespace pyfops::azure_emulator {

struct Call;

/// Azure on this machine: Microsoft Entra ID, Azure Resource Manager with Microsoft.Resources, .Storage and
/// .Web, the deployment hosts and the hosts of function apps, and Application Insights.
class AzureFace final : public EmulatorFace {
  public:
    AzureFace();
    ~AzureFace() override;
    void start(EmulatorHost& host) override;
    bool accepts(const ServerRequest& request) const override;
    Task<ServerResponse> handle(ServerRequest request) override;
    std::string operation(const ServerRequest& request) const override;
    ServerResponse failure(const ServerRequest& request, int status, std::string_view code) const override;
    std::map<std::string, std::string> environment() const override;
    std::string client_settings() const override;
    std::vector<std::string> domains() const override;

  private:
    struct Services;
    ServerResponse answer(const Call& call);
    std::unique_ptr<Services> services_;
};

} // namespace pyfops::azure_emulator
