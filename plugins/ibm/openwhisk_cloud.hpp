// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "credentials/sources.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/once.hpp"
#include "pyfops/sdk/outcome.hpp"

#include <memory>
#include <string>

namespace pyfops::ibm {

using sdk::Outcome;
using sdk::unless_absent;

/// A namespace of an OpenWhisk host.
struct Whisk {
    std::shared_ptr<const WhiskConfig> config;
    Url base;               ///< with /api/v1
    std::string name_space; ///< by its name: web addresses need it
};

/// Finds the key, learns whose namespace it opens, and sends calls with it. One per provider object.
class OpenWhiskCloud {
  public:
    Task<Whisk> session(const json::object& settings, Realm realm, StageContext& context);
    /// Throws what to_error makes.
    Task<HttpResponse> send(Whisk whisk, ApiCall call, StageContext& context);
    Task<Outcome> attempt(Whisk whisk, ApiCall call, StageContext& context);
    Task<json::value> send_json(Whisk whisk, ApiCall call, StageContext& context);

  private:
    Task<std::string> own_namespace(Whisk whisk, StageContext& context);
    sdk::Once<std::string> namespaces_;
};

} // namespace pyfops::ibm
