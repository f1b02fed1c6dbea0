// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/process.hpp"

#include <functional>
#include <vector>

namespace pyfops::testing {

/// Programs as functions; records what was started. Without a handler every program is not found.
class FakeProcesses final : public Processes {
  public:
    std::function<ProcessResult(const ProcessRequest&)> handler;
    std::vector<ProcessRequest> requests;

    Task<ProcessResult> run(ProcessRequest request, Deadline deadline) override;
};

} // namespace pyfops::testing
