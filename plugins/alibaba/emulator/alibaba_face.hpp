// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

#include <memory>

namespace pyfops::alibaba_emulator {

/// Alibaba Cloud on this machine: Function Compute 3.0, STS, OSS and SLS of the account 0000000000000000.
class AlibabaFace final : public EmulatorFace {
  public:
    AlibabaFace();
    ~AlibabaFace() override;
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
    Task<ServerResponse> answer(ServerRequest request, Call& call);
    std::unique_ptr<Services> services_;
};

} // namespace pyfops::alibaba_emulator
