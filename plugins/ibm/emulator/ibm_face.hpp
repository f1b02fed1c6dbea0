// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "code_engine.hpp"
#include "iam.hpp"
#include "openwhisk.hpp"

#include <memory>

namespace pyfops::ibm_emulator {

/// IBM on this machine: IAM, Code Engine and the endpoints of its functions, and an OpenWhisk host.
class IbmFace final : public EmulatorFace {
  public:
    IbmFace();
    ~IbmFace() override;
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
    Task<ServerResponse> answer(ServerRequest request, HttpCall call, std::string trace);
    std::unique_ptr<Services> services_;
};

} // namespace pyfops::ibm_emulator
