// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pyfops/provider.hpp>

#include <map>
#include <string>

namespace acme {

/// Where the API is and what opens it. Throws unauthenticated that says which variable is missing.
struct Endpoint {
    pyfops::Url url;
    pyfops::Secret token;
};
Endpoint endpoint(const pyfops::StageContext& context);

/// One call of the API. Only repeated after a lost answer when doing it twice is the same as once.
struct Call {
    std::string operation; ///< "acme:Put"
    std::string method = "GET";
    std::string path;
    std::string body;
    bool create_only = false;
    bool idempotent = true;
};

/// 404 is an answer; every other failure is thrown.
pyfops::Task<pyfops::HttpResponse> send(Call call, pyfops::StageContext& context);

} // namespace acme
