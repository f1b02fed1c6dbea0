// SPDX-License-Identifier: Apache-2.0
// What Google's credential files say, by their type.
#pragma once

#include "pyfops/http.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace pyfops::google {

struct Credentials;

/// The key of a service account: it signs what it is exchanged for.
struct ServiceAccountKey {
    std::string email, key_id;
    Secret private_key; ///< PEM
    Url token_uri;
};

/// A person who ran 'gcloud auth application-default login'.
struct UserLogin {
    std::string client_id;
    Secret client_secret, refresh_token;
    Url token_uri;
};

/// Workload identity federation: another issuer's token is exchanged for one of Google's.
struct Federation {
    std::string audience, subject_token_type;
    Url token_url;
    std::string file;               ///< where the other token is ...
    std::optional<Url> url;         ///< ... or who gives it
    HttpHeaders headers;            ///< for `url`; may hold a token
    std::string token_field;        ///< of a JSON document; "": the text itself
    std::optional<Url> impersonate; ///< generateAccessToken of the service account to become
};

/// A service account that others may become.
struct Impersonation {
    Url generate_access_token;
    std::vector<std::string> delegates;
    std::shared_ptr<const Credentials> source;
};

/// The account of the machine that this runs on.
struct Metadata {
    std::string base; ///< "http://metadata.google.internal"
};

struct Credentials {
    std::variant<ServiceAccountKey, UserLogin, Federation, Impersonation, Metadata> kind;
    std::string source;        ///< "GOOGLE_APPLICATION_CREDENTIALS (service account)"
    std::string principal;     ///< e-mail, where it is known
    std::string project;       ///< that the credentials belong to, where they say so
    std::string quota_project; ///< that calls are charged to
};

/// Reads a credential file of any supported type. `what` names it in messages and in Credentials::source.
/// Throws unauthenticated; nothing of the file's content is in the message.
Credentials read_credentials(const std::string& text, const std::string& what);

/// The service account that a URL ".../serviceAccounts/<e-mail>:generateAccessToken" is about.
std::string account_of(const Url& generate_access_token);

} // namespace pyfops::google
