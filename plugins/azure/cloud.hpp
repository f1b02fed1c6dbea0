// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "credentials/token.hpp"
#include "endpoints.hpp"
#include "errors.hpp"
#include "operations.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/expiring.hpp"
#include "pyfops/sdk/outcome.hpp"
#include "settings.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace pyfops::azure {

using sdk::Outcome;
using sdk::unless_absent;

/// A region of a subscription, as the settings and the environment lead to it.
struct Session {
    Settings settings;
    Endpoints endpoints;
    std::string region;
    std::string subscription;
    std::string principal;
    std::string credentials_source;
    Realm realm = Realm::real;
    std::string local_insights; ///< of the emulator: where apps log
};

/// Finds tokens once per scope, renews them before they expire, sends calls with them, and follows what Azure
/// does later to its end. One per provider object; used from the engine's thread.
class Cloud {
  public:
    /// `realm` local: the project's subscription, group and account are for the real cloud and are left out.
    Task<Session> session(const json::object& settings, std::string region, StageContext& context,
                          Realm realm = Realm::real);
    Task<HttpResponse> send(Session session, ApiCall call, StageContext& context);
    /// As `send`, with failures as values (except cancelled).
    Task<Outcome> attempt(Session session, ApiCall call, StageContext& context);
    /// As `send`, parsed.
    Task<json::value> send_json(Session session, ApiCall call, StageContext& context);
    /// Sends a write and waits for its end; the resource as it is then (null where there is none). `what`
    /// completes "waiting for ...".
    Task<json::value> complete(Session session, ApiCall call, std::string what, StageContext& context);

  private:
    using Held = std::shared_ptr<const Token>;
    Task<Held> token(const Endpoints& endpoints, std::string scope, StageContext& context);
    Task<sdk::Expiring<Held>> search(Endpoints endpoints, std::string scope, StageContext& context);
    Task<HttpResponse> exchange(const Session& session, ApiCall call, Held token, StageContext& context);
    Task<std::string> only_subscription(Session session, StageContext& context);
    Task<json::value> follow(const Session& session, ApiCall call, Follow from, std::string what,
                             Milliseconds pause, StageContext& context);
    std::string limit_key(const Session& session, const ApiCall& call, StageContext& context);

    sdk::ExpiringCache<Held> tokens_;
    sdk::Once<std::string> subscriptions_;
    std::set<std::string> limited_;
};

} // namespace pyfops::azure
