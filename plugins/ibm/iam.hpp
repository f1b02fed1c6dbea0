// SPDX-License-Identifier: Apache-2.0
// IBM Cloud IAM: an API key becomes a token. Requests and answers, no I/O.
#pragma once

#include "credentials/sources.hpp"
#include "pyfops/clock.hpp"
#include "pyfops/json.hpp"
#include "pyfops/sdk/rest.hpp"

#include <optional>
#include <string>

namespace pyfops::ibm::iam {

sdk::RestCall token_request(const ServiceConfig& config);

struct Token {
    Secret access_token;
    std::string account;   ///< "" when the token does not tell
    std::string principal; ///< who
    std::optional<SystemTime> expires;
};
/// Throws unavailable for an answer without a token.
Token read_token(const json::value& answer, SystemTime now);
/// What a token that was given tells of itself; nothing for one that is no JWT.
Token read_bearer(const Secret& token);

} // namespace pyfops::ibm::iam
