// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::ibm {

/// Calls functions at their endpoint: Code Engine has no other way.
class CodeEngineTester final : public Tester {
  public:
    Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) override;
};

/// The platform's own answer (without x-faas-actionstatus, or 299) as a function error, where the function is
/// to blame: too slow, not executable. nullopt: the platform failed.
std::optional<FunctionError> read_platform_answer(const HttpResponse& answer);

} // namespace pyfops::ibm
