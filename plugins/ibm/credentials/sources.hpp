// SPDX-License-Identifier: Apache-2.0
// Where the keys of IBM Cloud and of an OpenWhisk host are looked for. No I/O but reading files.
#pragma once

#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"

#include <string>

namespace pyfops::ibm {

/// The configuration of the service "code_engine", as IBM's SDKs read it. The first source that says
/// anything of it is the only one.
struct ServiceConfig {
    enum class Auth { iam, bearer_token, none };
    Auth auth = Auth::iam;
    std::string source; ///< "environment", "~/ibm-credentials.env"
    Secret api_key;
    Secret bearer_token;
    std::string url;      ///< "" : Code Engine's own
    std::string auth_url; ///< of IAM, without /identity/token
    std::string client_id;
    Secret client_secret;
    std::string scope;
};

/// Throws unauthenticated with what was tried, and for ways to authenticate that pyfOps does not know.
ServiceConfig find_service_config(const System& system);

/// The key and the address of an OpenWhisk host.
struct WhiskConfig {
    std::string source;
    Secret key; ///< "uuid:key"
    std::string host;
    std::string name_space; ///< "" : the key's own
};

/// `host`: of the settings; it comes before that of .wskprops and after that of the environment. Throws
/// unauthenticated.
WhiskConfig find_whisk_config(const System& system, const std::string& host);

} // namespace pyfops::ibm
