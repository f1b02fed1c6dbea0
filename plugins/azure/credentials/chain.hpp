// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "credentials/token.hpp"
#include "endpoints.hpp"
#include "pyfops/context.hpp"
#include "pyfops/json.hpp"
#include "pyfops/task.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pyfops::azure {

/// What one search for a token carries along.
struct Search {
    StageContext& context;
    Endpoints endpoints;
    std::string scope;              ///< "https://management.azure.com/.default"
    std::vector<std::string> tried; ///< a phrase each, for the error when nothing is found

    const System& system() const { return context.host.system; }
    std::optional<std::string> variable(std::string_view name) const {
        return azure::variable(context.host.system, name);
    }
    /// As managed identities and the CLI name it: "https://management.azure.com/".
    std::string resource() const;
};

/// In the order of the official SDKs: client secret, federated token (file, GitHub Actions), managed identity
/// (App Service, virtual machine), Azure CLI; AZURE_TOKEN_CREDENTIALS narrows it. Throws unauthenticated with
/// every step that was tried; what is configured and fails is an error at once.
Task<Token> find_token(Search search);

/// Titles of the steps in their order, for `doctor` and the docs.
std::vector<std::string> credential_sources();

// The steps: nullopt when not configured, with a phrase in `tried`.
Task<std::optional<Token>> from_secret(Search& search);
Task<std::optional<Token>> from_federation(Search& search);
Task<std::optional<Token>> from_github(Search& search);
Task<std::optional<Token>> from_app_service(Search& search);
Task<std::optional<Token>> from_virtual_machine(Search& search);
Task<std::optional<Token>> from_cli(Search& search);

/// {"access_token", "expires_in" or "expires_on"}; throws unauthenticated naming `what`.
Token read_token(const std::string& body, const std::string& what, SystemTime now);

} // namespace pyfops::azure
