// SPDX-License-Identifier: Apache-2.0
// Shared access signatures of one blob (version 2021-08-06): what the provider signs and the emulator checks.
#pragma once

#include "pyfops/secret.hpp"

#include <string>

namespace pyfops::azure {

struct BlobSignature {
    std::string permissions; ///< "r"; letters in Azure's order (racwd)
    std::string expiry;      ///< "2026-11-23T06:47:00Z"
    std::string resource;    ///< "/blob/account/container/blob"
};

inline constexpr const char* signature_version = "2021-08-06";

/// Base64 of the HMAC-SHA256 with the account's key. Throws invalid_input when the key is not base64.
std::string sign_blob(const BlobSignature& signature, const Secret& account_key);

/// "sv=...&se=...&sr=b&sp=...&spr=https&sig=..."
std::string signed_query(const BlobSignature& signature, const Secret& account_key);

} // namespace pyfops::azure
