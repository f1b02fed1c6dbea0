// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile_files.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/expiring.hpp"
#include "pyfops/sdk/outcome.hpp"
#include "settings.hpp"
#include "transport.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pyfops::alibaba {

using sdk::Outcome;
using sdk::unless_absent;

/// A region of an account, as the settings and the environment lead to it.
struct Session {
    Settings settings;
    std::string region;
    std::string profile;
    bool profile_is_explicit = false;
    std::string account;
    std::string principal;
    std::string credentials_source;
};

/// Finds credentials once per profile, renews them before they expire, and sends calls with them. One per
/// provider object; used from the engine's thread.
class Cloud {
  public:
    /// `realm` local: what the project names of the real cloud (role, bucket, profile, account, Logstore) is
    /// left out. Throws forbidden when the keys are of another account than the project's.
    Task<Session> session(const json::object& settings, std::string region, StageContext& context,
                          Realm realm = Realm::real);
    Task<HttpResponse> send(Session session, ApiCall call, StageContext& context);
    /// As `send`, with failures as values (except cancelled).
    Task<Outcome> attempt(Session session, ApiCall call, StageContext& context);
    /// As `send`, parsed.
    Task<json::value> send_json(Session session, ApiCall call, StageContext& context);

  private:
    using Keys = std::shared_ptr<const Credentials>;
    const ProfileFiles& files(const System& system);
    Task<Keys> credentials(const Session& session, StageContext& context);
    Task<sdk::Expiring<Keys>> search(Session session, StageContext& context);
    Task<HttpResponse> exchange(const Session& session, ApiCall call, Keys keys, StageContext& context);
    Task<Account> identify(Session session, StageContext& context);

    std::optional<ProfileFiles> files_;
    Transport transport_;
    sdk::ExpiringCache<Keys> keys_;
    sdk::Once<Account> accounts_;
};

} // namespace pyfops::alibaba
