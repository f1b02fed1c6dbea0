// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "credentials/tokens.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/outcome.hpp"
#include "settings.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pyfops::google {

using sdk::Outcome;

/// A region of a project, as the settings and the environment lead to it.
struct Session {
    Settings settings;
    std::string region;
    std::string project;
    std::shared_ptr<const Credentials> credentials;

    /// "projects/P/locations/R"
    std::string parent() const { return "projects/" + project + "/locations/" + region; }
};

/// Finds credentials once, renews tokens before they expire, and sends calls with them. One per provider
/// object; used from the engine's thread.
class Cloud {
  public:
    /// Proves the credentials by getting a token. `realm` local: the project's id and accounts are for the
    /// real cloud and are left out.
    Task<Session> session(const json::object& settings, std::string region, StageContext& context,
                          Realm realm = Realm::real);
    Task<HttpResponse> send(Session session, ApiCall call, StageContext& context);
    /// As `send`, with failures as values (except cancelled).
    Task<Outcome> attempt(Session session, ApiCall call, StageContext& context);
    /// As `send`, parsed.
    Task<json::value> send_json(Session session, ApiCall call, StageContext& context);
    /// For one function, by its URL.
    Task<Secret> id_token(const Session& session, std::string audience, StageContext& context);
    void forget_id_token(const std::string& audience) { tokens_.forget(audience); }
    /// Google's time.
    SystemTime now(const Clock& clock) const { return transport_.now(clock); }
    Endpoint endpoint(const Session& session, const std::string& service, const StageContext& context) const;

  private:
    Task<Secret> access_token(const Session& session, StageContext& context);

    Transport transport_;
    sdk::Once<std::shared_ptr<const Credentials>> credentials_;
    sdk::Once<std::string> projects_;   ///< by setting
    sdk::ExpiringCache<Secret> tokens_; ///< the access token at "", ID tokens by audience
};

} // namespace pyfops::google
