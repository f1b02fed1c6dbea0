// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lambda.hpp"
#include "sts.hpp"

#include <memory>

namespace pyfops::aws_emulator {

/// AWS on this machine: Lambda, S3, IAM, STS and CloudWatch Logs of the account 000000000000.
class AwsFace final : public EmulatorFace {
  public:
    AwsFace();
    ~AwsFace() override;
    void start(EmulatorHost& host) override;
    bool accepts(const ServerRequest& request) const override;
    Task<ServerResponse> handle(ServerRequest request) override;
    std::string operation(const ServerRequest& request) const override;
    ServerResponse failure(const ServerRequest& request, int status, std::string_view code) const override;
    std::map<std::string, std::string> environment() const override;
    std::vector<std::string> domains() const override;

  private:
    struct Services;
    Task<ServerResponse> answer(ServerRequest request, Call& call);
    std::unique_ptr<Services> services_;
};

} // namespace pyfops::aws_emulator
