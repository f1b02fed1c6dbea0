// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "credentials/credentials.hpp"
#include "endpoints.hpp"
#include "errors.hpp"
#include "pyfops/context.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>

namespace pyfops::aws {

/// Sends calls: endpoint, signature, retry, clock skew, rate limits. Knows nothing of where keys come from.
class Transport {
  public:
    /// `credentials`: null for calls that are not signed. `account` names the rate limits; "" : none.
    /// Throws what to_error makes.
    Task<HttpResponse> send(ApiCall call, Endpoint endpoint, std::shared_ptr<const Credentials> credentials,
                            std::string account, CallNote note, StageContext& context);

  private:
    std::string limit_key(const ApiCall& call, const Endpoint& endpoint, const std::string& account,
                          StageContext& context);
    bool correct_clock(const std::string& host, const HttpResponse& response, const Clock& clock);

    std::map<std::string, Milliseconds> skew_; ///< by host: what to add to this machine's time
    std::set<std::string> limited_;
};

/// The whole URL of a call: a bucket becomes part of the host name, or of the path where the endpoint is an
/// override or the name has dots (certificates cover one label).
Url url_of(const ApiCall& call, const Endpoint& endpoint);

} // namespace pyfops::aws
