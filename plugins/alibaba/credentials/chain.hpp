// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "credentials/credentials.hpp"
#include "profile_files.hpp"
#include "transport.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pyfops::alibaba {

/// What one search for credentials carries along.
struct Search {
    Transport& transport;
    StageContext& context;
    const ProfileFiles& files;
    std::string profile; ///< by the project or ALIBABA_CLOUD_PROFILE; empty: each file's own default
    bool profile_is_explicit = false; ///< by the project: then the environment is not asked
    std::string region;               ///< of STS
    std::vector<std::string> tried;   ///< a phrase each, for the error when nothing is found
    std::set<std::string> chain;      ///< profiles that are being resolved, against circles

    const System& system() const { return context.host.system; }
    std::optional<std::string> variable(std::string_view name) const {
        return alibaba::variable(context.host.system, name);
    }
};

/// In the order of the official SDKs: environment, OIDC, profile of the CLI, credentials file, instance
/// metadata, credentials URI. Throws unauthenticated with every step that was tried; what is configured and
/// fails is an error at once.
Task<Credentials> find_credentials(Search search);

/// Titles of the steps in their order, for `doctor` and the docs.
std::vector<std::string> credential_sources();

// The steps: nullopt when not configured, with a phrase in `tried`.
std::optional<Credentials> from_environment(Search& search);
Task<std::optional<Credentials>> from_oidc(Search& search);
Task<std::optional<Credentials>> from_cli_profile(Search& search);
Task<std::optional<Credentials>> from_credentials_file(Search& search);
/// `role`: "" when the metadata service shall name it.
Task<std::optional<Credentials>> from_instance(Search& search, std::string role);
Task<std::optional<Credentials>> from_uri(Search& search);

/// One access key, or why there is none. `what` names the place.
Credentials read_keys(const std::string& id, const std::string& secret, const std::string& token,
                      const std::string& what);
/// {"AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"}; throws unauthenticated naming `what`.
Credentials read_key_document(const std::string& text, const std::string& what);

/// What a profile of either file says of a role.
struct RoleSource {
    std::string role_arn, session_name, policy, external_id, duration;
    std::string provider_arn, token_file; ///< OIDC
};
/// Throws unauthenticated where a part is missing.
Task<Credentials> assume(Search& search, RoleSource role, Credentials source, std::string title);
Task<Credentials> assume_with_token(Search& search, RoleSource role, std::string title);

} // namespace pyfops::alibaba
