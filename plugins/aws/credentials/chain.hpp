// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "credentials/credentials.hpp"
#include "profile_files.hpp"
#include "transport.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pyfops::aws {

/// What one search for credentials carries along.
struct Search {
    Transport& transport;
    StageContext& context;
    const ProfileFiles& files;
    std::string profile;
    bool profile_is_explicit = false; ///< by the project: then the environment is not asked
    std::string region;               ///< of STS
    std::string endpoint;             ///< the project's override
    std::vector<std::string> tried;   ///< a phrase each, for the error when nothing is found
    std::set<std::string> chain;      ///< profiles that are being resolved, against circles

    const System& system() const { return context.host.system; }
    std::optional<std::string> variable(std::string_view name) const {
        return aws::variable(context.host.system, name);
    }
};

/// In the order of the official SDKs: environment; assume-role, web identity, SSO (named, not read), shared
/// credentials file, credential_process and config file of the profile; container; instance metadata. Throws
/// unauthenticated with every step that was tried; what is configured and fails is an error at once.
Task<Credentials> find_credentials(Search search);

/// Titles of the steps in their order, for `doctor` and the docs.
std::vector<std::string> credential_sources();

// The steps: nullopt when not configured, with a phrase in `tried`.
std::optional<Credentials> from_environment(Search& search);
std::optional<Credentials> from_section(Search& search, const Section* section, const std::string& path);
Task<std::optional<Credentials>> from_assume_role(Search& search);
Task<std::optional<Credentials>> from_web_identity(Search& search, bool with_environment);
Task<std::optional<Credentials>> from_process(Search& search);
Task<std::optional<Credentials>> from_container(Search& search);
Task<std::optional<Credentials>> from_instance(Search& search);
/// The steps of one profile, without the environment: what a source_profile is asked.
Task<std::optional<Credentials>> from_profile(Search& search);

/// {"AccessKeyId", "SecretAccessKey", "Token" or "SessionToken", "Expiration"}; throws unauthenticated naming
/// `what`.
Credentials read_key_document(const std::string& text, const std::string& what);
/// A command line as a shell would split it, without expansions. Throws invalid_input for an open quote.
std::vector<std::string> split_command(const std::string& line);

} // namespace pyfops::aws
