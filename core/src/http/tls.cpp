// SPDX-License-Identifier: Apache-2.0
#include "http/byte_stream.hpp"

#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace pyfops {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

TlsContext make_context(asio::ssl::context::method method) {
    auto context = std::make_shared<asio::ssl::context>(method);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS); // 30 kB less for an idle connection
    return context;
}

[[noreturn]] void refuse(const fs::path& file, std::string_view what) {
    const unsigned long code = ERR_get_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} {}: {}", what, file.string(), reason ? reason : "cannot be read"))
        .hint("it must be a readable PEM file");
}

void trust_file(SSL_CTX* context, const fs::path& file) {
    if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) refuse(file, "no trusted certificates in");
}

} // namespace

TlsContext client_tls(const fs::path& ca_bundle, const System& system) {
    TlsContext context = make_context(asio::ssl::context::tls_client);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    // The paths are set here and not by OpenSSL's default, which reads the environment behind our back.
    std::error_code ignored;
    const auto file = system.variable(X509_get_default_cert_file_env());
    const auto directory = system.variable(X509_get_default_cert_dir_env());
    if (file && !file->empty())
        trust_file(native, *file);
    else if (fs::exists(X509_get_default_cert_file(), ignored))
        trust_file(native, X509_get_default_cert_file());
    if (directory && !directory->empty())
        SSL_CTX_load_verify_dir(native, directory->c_str());
    else if (!file || file->empty())
        SSL_CTX_load_verify_dir(native, X509_get_default_cert_dir());
    if (!ca_bundle.empty()) trust_file(native, ca_bundle);
    ERR_clear_error();
    return context;
}

TlsContext server_tls(const fs::path& certificate, const fs::path& key) {
    TlsContext context = make_context(asio::ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    if (SSL_CTX_use_certificate_chain_file(native, certificate.c_str()) != 1)
        refuse(certificate, "no usable certificate in");
    if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(native) != 1)
        refuse(key, "no usable key for the certificate in");
    return context;
}

} // namespace pyfops
