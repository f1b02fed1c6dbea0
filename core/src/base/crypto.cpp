// SPDX-License-Identifier: Apache-2.0
#include "pyfops/crypto.hpp"

#include "pyfops/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

namespace pyfops {
namespace {

[[noreturn]] void fail(const char* what) {
    throw Error(ErrorKind::internal, std::string("OpenSSL failed: ") + what);
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest(const EVP_MD* algorithm, std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), out.data(), &size, algorithm, nullptr) != 1) fail("digest");
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string encode64(std::string_view bytes, const char* alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 2 < bytes.size(); i += 3) {
        const unsigned group =
            (bytes_of(bytes)[i] << 16) | (bytes_of(bytes)[i + 1] << 8) | bytes_of(bytes)[i + 2];
        out += alphabet[group >> 18];
        out += alphabet[(group >> 12) & 63];
        out += alphabet[(group >> 6) & 63];
        out += alphabet[group & 63];
    }
    if (const std::size_t rest = bytes.size() - i; rest > 0) {
        unsigned group = bytes_of(bytes)[i] << 16;
        if (rest == 2) group |= bytes_of(bytes)[i + 1] << 8;
        out += alphabet[group >> 18];
        out += alphabet[(group >> 12) & 63];
        if (rest == 2) out += alphabet[(group >> 6) & 63];
        if (padded) out.append(3 - rest, '=');
    }
    return out;
}

std::string decode64(std::string_view text, const char* alphabet, bool padded) {
    static const auto invalid = [] { return Error(ErrorKind::invalid_input, "not valid base64"); };
    if (padded && text.size() % 4 != 0) throw invalid();
    while (padded && !text.empty() && text.back() == '=' && text.size() % 4 != 2)
        text.remove_suffix(1);
    if (text.size() % 4 == 1) throw invalid();
    std::array<signed char, 256> value{};
    value.fill(-1);
    for (signed char i = 0; i < 64; ++i)
        value[static_cast<unsigned char>(alphabet[i])] = i;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    unsigned group = 0;
    int bits = 0;
    for (const char c : text) {
        const signed char v = value[static_cast<unsigned char>(c)];
        if (v < 0) throw invalid();
        group = (group << 6) | static_cast<unsigned>(v);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((group >> bits) & 0xff);
        }
    }
    if ((group & ((1u << bits) - 1)) != 0) throw invalid(); // bits that no encoder sets
    return out;
}

constexpr const char* standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr const char* url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

std::string sha256(std::string_view data) {
    return digest(EVP_sha256(), data);
}
std::string sha1(std::string_view data) {
    return digest(EVP_sha1(), data);
}
std::string md5(std::string_view data) {
    return digest(EVP_md5(), data);
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(), out.data(),
              &size))
        fail("HMAC");
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string sha256_hex(std::string_view data) {
    return hex(sha256(data));
}

std::string base64(std::string_view bytes) {
    return encode64(bytes, standard_alphabet, true);
}
std::string base64_decode(std::string_view text) {
    return decode64(text, standard_alphabet, true);
}
std::string base64url(std::string_view bytes) {
    return encode64(bytes, url_alphabet, false);
}
std::string base64url_decode(std::string_view text) {
    return decode64(text, url_alphabet, false);
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
        fail("random bytes");
    return out;
}

bool equal_secret(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    if (!state_->context || EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) fail("SHA-256");
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view data) {
    if (EVP_DigestUpdate(state_->context, data.data(), data.size()) != 1) fail("SHA-256");
    return *this;
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(state_->context, out.data(), &size) != 1) fail("SHA-256");
    return {reinterpret_cast<const char*>(out.data()), size};
}

} // namespace pyfops
