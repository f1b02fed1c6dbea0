// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "endpoints.hpp"
#include "errors.hpp"
#include "pyfops/context.hpp"
#include "pyfops/secret.hpp"

#include <set>
#include <string>

namespace pyfops::google {

/// Sends calls: endpoint, token, retry, rate limits. Knows nothing of where tokens come from.
class Transport {
  public:
    /// `token`: empty for calls without one. `quota_project`: whom the call is charged to, where that is not
    /// the token's own project. Throws what to_error makes.
    Task<HttpResponse> send(ApiCall call, Endpoint endpoint, Secret token, std::string quota_project,
                            CallNote note, StageContext& context);

  private:
    std::string limit_key(const ApiCall& call, const Endpoint& endpoint, const CallNote& note,
                          StageContext& context);
    std::set<std::string> limited_;
};

} // namespace pyfops::google
