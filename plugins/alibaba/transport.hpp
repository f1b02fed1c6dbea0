// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "credentials/credentials.hpp"
#include "endpoints.hpp"
#include "errors.hpp"
#include "pyfops/context.hpp"

#include <map>
#include <memory>
#include <string>

namespace pyfops::alibaba {

/// Sends calls: endpoint, signature, retry, clock skew. Knows nothing of where keys come from.
class Transport {
  public:
    /// `credentials`: null for calls that are not signed. `account` names what throttling holds; "" :
    /// nothing. Throws what to_error makes.
    Task<HttpResponse> send(ApiCall call, Endpoint endpoint, std::shared_ptr<const Credentials> credentials,
                            std::string account, CallNote note, StageContext& context);

  private:
    bool correct_clock(const std::string& host, const HttpResponse& response, const Clock& clock);

    std::map<std::string, Milliseconds> skew_; ///< by host: what to add to this machine's time
};

} // namespace pyfops::alibaba
