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
    /// Google's time: this machine's, corrected when Google has said that it is wrong.
    SystemTime now(const Clock& clock) const { return clock.system_now() + skew_; }

  private:
    /// Takes Google's time from an answer; false when this machine's clock is not what is wrong.
    bool correct_clock(const HttpResponse& answer, const Clock& clock);
    std::string limit_key(const ApiCall& call, const Endpoint& endpoint, const CallNote& note,
                          StageContext& context);
    std::set<std::string> limited_;
    Milliseconds skew_{};
};

} // namespace pyfops::google
