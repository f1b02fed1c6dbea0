// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "iam.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/expiring.hpp"
#include "pyfops/sdk/outcome.hpp"
#include "settings.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace pyfops::ibm {

using sdk::Outcome;
using sdk::unless_absent;

/// A region of an account, as the settings and the environment lead to it.
struct Session {
    Settings settings;
    std::string region;
    std::shared_ptr<const ServiceConfig> config;
    Url base; ///< of the region's API
    std::string account;
    std::string principal;
    std::string project_id; ///< of the Code Engine project; "" before it is looked up

    /// The same, in a Code Engine project.
    Session in(std::string project) const {
        Session copy = *this;
        copy.project_id = std::move(project);
        return copy;
    }
};

/// Finds credentials, exchanges them for tokens before those expire, and sends calls with them. One per
/// provider object; used from the engine's thread.
class CodeEngineCloud {
  public:
    /// `realm` local: what the settings say of the real cloud's resources is left out.
    Task<Session> session(const json::object& settings, std::string region, Realm realm,
                          StageContext& context);
    /// Throws what to_error makes.
    Task<HttpResponse> send(Session session, ApiCall call, StageContext& context);
    /// As `send`, with failures as values (except cancelled).
    Task<Outcome> attempt(Session session, ApiCall call, StageContext& context);
    /// As `send`, parsed.
    Task<json::value> send_json(Session session, ApiCall call, StageContext& context);

  private:
    Task<iam::Token> token(std::shared_ptr<const ServiceConfig> config, StageContext& context);
    Task<sdk::Expiring<iam::Token>> exchange(std::shared_ptr<const ServiceConfig> config,
                                             StageContext& context);
    std::string limit_key(const Session& session, const ApiCall& call, StageContext& context);

    sdk::ExpiringCache<iam::Token> tokens_;
    std::set<std::string> limited_;
};

} // namespace pyfops::ibm
