// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/secret.hpp"
#include "world.hpp"

#include <filesystem>
#include <string>

namespace pyfops::google_emulator {

/// The accounts and keys of the emulated project. Made at the first start and then kept; their files are
/// written at every start, because they hold the address of the emulator.
class Keys {
  public:
    explicit Keys(World& world);

    const std::string& account() const { return account_; } ///< e-mail of the service account
    const std::string& key_id() const { return key_id_; }
    const std::string& public_key() const { return public_key_; } ///< of the service account
    /// What access tokens and upload URLs are sealed with.
    const Secret& seal() const { return seal_; }
    const Secret& private_key() const { return private_key_; }

    /// Google's own key, for ID tokens; made when first needed.
    const Secret& issuer_key();
    const std::string& issuer_public_key();

    std::string client_id() const { return "000000000000-pyfops.apps.googleusercontent.com"; }
    const Secret& client_secret() const { return client_secret_; }
    const Secret& refresh_token() const { return refresh_token_; }
    std::string user() const { return "developer@pyfops.example"; }

    std::string pool_audience() const;
    std::string pool_issuer() const { return "https://issuer.pyfops.example"; }

    /// Where the credential files are: service-account.json, authorized-user.json, external-account.json,
    /// impersonated-account.json.
    std::filesystem::path folder() const;

  private:
    void load();
    void write_files() const;
    void load_issuer();

    World& world_;
    std::string account_, key_id_, public_key_, issuer_public_key_;
    Secret private_key_, seal_, issuer_key_, client_secret_, refresh_token_;
};

} // namespace pyfops::google_emulator
