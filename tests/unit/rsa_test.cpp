// SPDX-License-Identifier: Apache-2.0
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/process.hpp"
#include "pyfops/system.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace pyfops;

TEST_CASE("an RSA signature fits its key and its text alone") {
    const RsaKeyPair one = make_rsa_key_pair(), other = make_rsa_key_pair();
    CHECK(one.private_pem.expose().starts_with("-----BEGIN PRIVATE KEY-----"));
    CHECK(one.public_pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    const std::string signature = rsa_sha256_sign(one.private_pem, "text");
    CHECK(signature.size() == 256);
    CHECK(rsa_sha256_verify(one.public_pem, "text", signature));
    CHECK_FALSE(rsa_sha256_verify(one.public_pem, "Text", signature));
    CHECK_FALSE(rsa_sha256_verify(other.public_pem, "text", signature));
    std::string changed = signature;
    changed[7] = static_cast<char>(changed[7] ^ 1);
    CHECK_FALSE(rsa_sha256_verify(one.public_pem, "text", changed));
    CHECK_FALSE(rsa_sha256_verify(one.public_pem, "text", ""));
}

TEST_CASE("the openssl program takes our signature for good") {
    if (std::system("openssl version >/dev/null 2>&1") != 0) {
        MESSAGE("SKIPPED: there is no openssl program");
        return;
    }
    const TemporaryDirectory folder;
    const RsaKeyPair pair = make_rsa_key_pair();
    write_file(folder.path() / "key.pem", pair.public_pem);
    write_file(folder.path() / "text", "some text");
    write_file(folder.path() / "signature", rsa_sha256_sign(pair.private_pem, "some text"));
    const std::string at = folder.path().string();
    const std::string verify = "openssl dgst -sha256 -verify " + at + "/key.pem -signature " + at +
                               "/signature " + at + "/text >/dev/null 2>&1";
    CHECK(std::system(verify.c_str()) == 0);
    write_file(folder.path() / "text", "other text");
    CHECK(std::system(verify.c_str()) != 0);
}

TEST_CASE("what is no RSA key is refused without being repeated") {
    for (const std::string text :
         {"", "no key at all", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(rsa_sha256_sign(Secret(text), "x"), "not an RSA private key in PEM form", Error);
        CHECK_THROWS_WITH_AS(rsa_sha256_verify(text, "x", "y"), "not an RSA public key in PEM form", Error);
    }
}
