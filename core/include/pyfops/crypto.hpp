// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/secret.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace pyfops {

/// Raw bytes are kept in std::string. All functions are thread-safe and throw Error(internal) only when
/// OpenSSL itself fails.
PYFOPS_EXPORT std::string sha256(std::string_view data);
PYFOPS_EXPORT std::string sha1(std::string_view data);
PYFOPS_EXPORT std::string md5(std::string_view data);
PYFOPS_EXPORT std::string hmac_sha256(std::string_view key, std::string_view data);

/// Lower-case hex.
PYFOPS_EXPORT std::string hex(std::string_view bytes);
PYFOPS_EXPORT std::string sha256_hex(std::string_view data);

/// RFC 4648; decoding throws Error(invalid_input). The url form has no padding.
PYFOPS_EXPORT std::string base64(std::string_view bytes);
PYFOPS_EXPORT std::string base64_decode(std::string_view text);
PYFOPS_EXPORT std::string base64url(std::string_view bytes);
PYFOPS_EXPORT std::string base64url_decode(std::string_view text);

/// Cryptographically strong.
PYFOPS_EXPORT std::string random_bytes(std::size_t count);

/// RSASSA-PKCS1-v1_5 with SHA-256 ("RS256"), over PEM keys (PKCS #1 or #8, not encrypted; X.509
/// SubjectPublicKeyInfo). Throw Error(invalid_input) for what is no RSA key; the key is never part of the
/// message. `rsa_sha256_verify` is false for a signature that does not fit.
PYFOPS_EXPORT std::string rsa_sha256_sign(const Secret& private_key_pem, std::string_view data);
PYFOPS_EXPORT bool rsa_sha256_verify(std::string_view public_key_pem, std::string_view data,
                                     std::string_view signature);

struct RsaKeyPair {
    Secret private_pem; ///< PKCS #8
    std::string public_pem;
};
/// 2048 bits.
PYFOPS_EXPORT RsaKeyPair make_rsa_key_pair();

/// Equal in constant time.
PYFOPS_EXPORT bool equal_secret(std::string_view a, std::string_view b) noexcept;

/// Incremental SHA-256, for content that is not in one piece. Not thread-safe.
class PYFOPS_EXPORT Sha256 {
  public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    Sha256& update(std::string_view data);
    /// The raw 32 bytes; the object may not be used afterwards.
    std::string finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops
