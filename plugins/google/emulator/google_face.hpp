// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

#include <memory>

namespace pyfops::google_emulator {

/// Google Cloud on this machine: Cloud Run functions, tokens, uploads and logs of the project "pyfops-local".
class GoogleFace final : public EmulatorFace {
  public:
    GoogleFace();
    ~GoogleFace() override;
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
    Task<ServerResponse> answer(ServerRequest request, Call call);
    std::unique_ptr<Services> services_;
};

} // namespace pyfops::google_emulator
