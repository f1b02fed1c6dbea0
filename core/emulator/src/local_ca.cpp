// SPDX-License-Identifier: Apache-2.0
#include "local_ca.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <chrono>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

template <class T, void (*release)(T*)>
struct Released {
    void operator()(T* object) const noexcept { release(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Released<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Released<X509, X509_free>>;
using Memory = std::unique_ptr<BIO, Released<BIO, BIO_free_all>>;

void check(bool good, const char* what) {
    if (good) return;
    const unsigned long code = ERR_get_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    throw Error(ErrorKind::internal, std::string("cannot make a certificate: ") + what + ": " +
                                         (reason ? reason : "no reason given"));
}

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

Certificate parse_certificate(const std::string& pem) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return certificate;
}

Key parse_key(const std::string& pem) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension, value.c_str());
    const bool added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    check(added, value.c_str());
}

bool is_address(const std::string& name) {
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names)
        out += (out.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
    return out;
}

void set_name(X509_NAME* name, const std::string& common_name) {
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "name");
}

} // namespace

IssuedCertificate issue_certificate(const CertificateRequest& request) {
    const Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "key");
    const Certificate certificate(X509_new());
    X509* const raw = certificate.get();
    check(raw && X509_set_version(raw, X509_VERSION_3) == 1, "version");

    std::string serial = random_bytes(16);
    serial[0] = static_cast<char>((serial[0] & 0x3f) | 0x40); // positive and never shorter
    const std::unique_ptr<BIGNUM, Released<BIGNUM, BN_free>> number(BN_bin2bn(
        reinterpret_cast<const unsigned char*>(serial.data()), static_cast<int>(serial.size()), nullptr));
    check(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(raw)), "serial number");
    check(ASN1_TIME_set(X509_getm_notBefore(raw), std::chrono::system_clock::to_time_t(request.from)) &&
              ASN1_TIME_set(X509_getm_notAfter(raw), std::chrono::system_clock::to_time_t(request.until)),
          "validity");
    check(X509_set_pubkey(raw, key.get()) == 1, "public key");
    set_name(X509_get_subject_name(raw), request.common_name);

    Certificate issuer;
    Key issuer_key;
    if (request.issuer) {
        issuer = parse_certificate(request.issuer->certificate);
        issuer_key = parse_key(request.issuer->key);
        check(issuer && issuer_key, "issuer");
    }
    X509* const signer = issuer ? issuer.get() : raw;
    check(X509_set_issuer_name(raw, X509_get_subject_name(signer)) == 1, "issuer");
    add_extension(raw, signer, NID_subject_key_identifier, "hash");
    if (issuer) add_extension(raw, signer, NID_authority_key_identifier, "keyid");
    if (request.authority) {
        add_extension(raw, signer, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(raw, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else {
        add_extension(raw, signer, NID_basic_constraints, "critical,CA:FALSE");
        add_extension(raw, signer, NID_key_usage, "critical,digitalSignature");
        add_extension(raw, signer, NID_ext_key_usage, "serverAuth");
    }
    if (!request.names.empty())
        add_extension(raw, signer, NID_subject_alt_name, alternative_names(request.names));
    check(X509_sign(raw, issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) != 0, "signature");

    const Memory certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_X509(certificate_text.get(), raw) == 1 &&
              PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM");
    return {text_of(certificate_text.get()), text_of(key_text.get())};
}

namespace {

constexpr auto validity = std::chrono::days(365);
constexpr auto renewal = std::chrono::days(30);

bool still_good(const LocalCertificates& files, SystemTime now) {
    const auto read = [](const fs::path& file) {
        return real_system().read_file(file, 64u << 10).value_or("");
    };
    const Certificate ca = parse_certificate(read(files.ca));
    const Certificate certificate = parse_certificate(read(files.certificate));
    const Key key = parse_key(read(files.key));
    if (!ca || !certificate || !key) return false;
    std::time_t limit = std::chrono::system_clock::to_time_t(now + renewal);
    std::time_t start = std::chrono::system_clock::to_time_t(now);
    const Key ca_key(X509_get_pubkey(ca.get()));
    return X509_check_private_key(certificate.get(), key.get()) == 1 &&
           X509_verify(certificate.get(), ca_key.get()) == 1 &&
           X509_cmp_time(X509_get0_notAfter(certificate.get()), &limit) > 0 &&
           X509_cmp_time(X509_get0_notBefore(certificate.get()), &start) < 0;
}

} // namespace

LocalCertificates local_certificates(const fs::path& directory, const Clock& clock) {
    const LocalCertificates files{directory / "ca.pem", directory / "server.pem", directory / "server.key"};
    const SystemTime now = clock.system_now();
    const bool good = still_good(files, now);
    ERR_clear_error();
    if (good) return files;

    const SystemTime from = now - std::chrono::days(1); // clocks of clients differ
    // A name of its own for each authority: an old one in somebody's trust store is then not mistaken for it.
    const std::string name = "pyfOps local cloud " + hex(random_bytes(4));
    const IssuedCertificate ca = issue_certificate({name, {}, from, now + validity, true, nullptr});
    const IssuedCertificate leaf =
        issue_certificate({"localhost", {"localhost", "127.0.0.1", "::1"}, from, now + validity, false, &ca});
    write_file(files.key, leaf.key, 0600);
    write_file(files.certificate, leaf.certificate + ca.certificate, 0644);
    write_file(files.ca, ca.certificate, 0644);
    return files;
}

} // namespace pyfops
