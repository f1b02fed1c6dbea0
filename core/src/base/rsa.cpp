// SPDX-License-Identifier: Apache-2.0
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

namespace pyfops {
namespace {

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

[[noreturn]] void fail(const char* what) {
    ERR_clear_error();
    throw Error(ErrorKind::internal, std::string("OpenSSL failed: ") + what);
}

/// Without a pass phrase: OpenSSL would ask the terminal for one.
int no_pass_phrase(char*, int, int, void*) {
    return -1;
}

Key rsa_key(Key key, const char* what) {
    ERR_clear_error();
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        throw Error(ErrorKind::invalid_input, std::string("not an RSA ") + what + " in PEM form");
    return key;
}

Bio reading(std::string_view pem) {
    Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!bio) fail("reading a key");
    return bio;
}

std::string content(const Bio& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

} // namespace

std::string rsa_sha256_sign(const Secret& private_key_pem, std::string_view data) {
    const Bio bio = reading(private_key_pem.expose());
    const Key key =
        rsa_key(Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)), "private key");
    const Context context(EVP_MD_CTX_new());
    const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) != 1)
        fail("signing");
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                       data.size()) != 1)
        fail("signing");
    signature.resize(size);
    return signature;
}

bool rsa_sha256_verify(std::string_view public_key_pem, std::string_view data, std::string_view signature) {
    const Bio bio = reading(public_key_pem);
    const Key key =
        rsa_key(Key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr)), "public key");
    const Context context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1)
        fail("verifying");
    const int verdict =
        EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                         signature.size(), reinterpret_cast<const unsigned char*>(data.data()), data.size());
    ERR_clear_error();
    return verdict == 1;
}

RsaKeyPair make_rsa_key_pair() {
    const Key key(EVP_RSA_gen(2048));
    const Bio secret(BIO_new(BIO_s_secmem())), open(BIO_new(BIO_s_mem()));
    if (!key || !secret || !open ||
        PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_PUBKEY(open.get(), key.get()) != 1)
        fail("making a key");
    return {Secret(content(secret)), content(open)};
}

} // namespace pyfops
