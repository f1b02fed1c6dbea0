// SPDX-License-Identifier: Apache-2.0
// Tokens that credentials are exchanged for.
#pragma once

#include "credentials/credentials.hpp"
#include "pyfops/sdk/expiring.hpp"
#include "transport.hpp"

#include <string>

namespace pyfops::google {

using Token = sdk::Expiring<Secret>;

struct TokenMaker {
    Transport& transport;
    StageContext& context;

    /// For Google's APIs. Throws unauthenticated.
    Task<Token> access_token(std::shared_ptr<const Credentials> credentials);
    /// For one function, by its URL. Throws unauthenticated also where the credentials can give none.
    Task<Token> id_token(std::shared_ptr<const Credentials> credentials, std::string audience);

  private:
    Task<json::value> post(ApiCall call, Secret token, const Credentials& credentials);
    Task<json::value> grant(const Credentials& credentials, const ServiceAccountKey& key, std::string claim,
                            std::string value);
    Task<json::value> refresh(const Credentials& credentials, const UserLogin& user);
    Task<Secret> subject_token(const Credentials& credentials, const Federation& federation);
    Task<Token> federated_token(std::shared_ptr<const Credentials> credentials);
    Task<Token> impersonate(const Credentials& credentials, Url url, std::vector<std::string> delegates,
                            Secret token, std::string audience);
    /// The token that may become another account, and where that is asked for.
    Task<Token> before_impersonation(std::shared_ptr<const Credentials> credentials);
};

} // namespace pyfops::google
