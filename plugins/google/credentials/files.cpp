// SPDX-License-Identifier: Apache-2.0
#include "credentials/credentials.hpp"

#include "pyfops/error.hpp"
#include "pyfops/json.hpp"

namespace pyfops::google {
namespace {

constexpr const char* google_token_uri = "https://oauth2.googleapis.com/token";

Credentials read_document(const json::value& value, const std::string& what);

/// A document whose members must be there.
struct Document {
    const json::value& value;
    const std::string& what;

    std::string wanted(std::string_view key) const {
        std::string text = string_or(value, key);
        if (text.empty())
            throw Error(ErrorKind::unauthenticated, what + " has no '" + std::string(key) + "'")
                .hint("get the file again");
        return text;
    }
    Url url(std::string_view key, const std::string& text) const {
        try {
            Url parsed = Url::parse(text);
            const bool local =
                parsed.host == "localhost" || parsed.host == "::1" || parsed.host.starts_with("127.");
            if (parsed.scheme == "https" || local) return parsed;
        } catch (const Error&) { // told below
        }
        throw Error(ErrorKind::unauthenticated, what + ": '" + std::string(key) + "' is no https URL")
            .hint("get the file again");
    }
};

ServiceAccountKey read_key(const Document& document) {
    ServiceAccountKey key;
    key.email = document.wanted("client_email");
    key.key_id = string_or(document.value, "private_key_id");
    key.private_key = Secret(document.wanted("private_key"));
    key.token_uri = document.url("token_uri", string_or(document.value, "token_uri", google_token_uri));
    return key;
}

UserLogin read_user(const Document& document) {
    UserLogin user;
    user.client_id = document.wanted("client_id");
    user.client_secret = Secret(document.wanted("client_secret"));
    user.refresh_token = Secret(document.wanted("refresh_token"));
    user.token_uri = document.url("token_uri", string_or(document.value, "token_uri", google_token_uri));
    return user;
}

Federation read_federation(const Document& document) {
    Federation federation;
    federation.audience = document.wanted("audience");
    federation.subject_token_type = document.wanted("subject_token_type");
    federation.token_url = document.url("token_url", document.wanted("token_url"));
    const std::string url = string_or(document.value, "service_account_impersonation_url");
    if (!url.empty()) federation.impersonate = document.url("service_account_impersonation_url", url);
    const json::value* source = find(document.value, "credential_source");
    if (!source || !source->is_object())
        throw Error(ErrorKind::unauthenticated, document.what + " has no 'credential_source'");
    if (find(*source, "executable") || find(*source, "environment_id") || find(*source, "certificate"))
        throw Error(ErrorKind::unauthenticated,
                    document.what + " takes its token from a program, from AWS or from a certificate, which "
                                    "pyfOps does not do")
            .hint("use a credential_source with 'file' or 'url', or a key of a service account");
    federation.file = string_or(*source, "file");
    if (const std::string from = string_or(*source, "url"); federation.file.empty())
        federation.url = document.url("credential_source.url", from);
    if (const json::value* headers = find(*source, "headers"); headers && headers->is_object())
        for (const auto& header : headers->as_object())
            if (const auto* text = header.value().if_string())
                federation.headers.set(std::string(header.key()), std::string(*text), true);
    if (const json::value* format = find(*source, "format"); format && string_or(*format, "type") == "json")
        federation.token_field = string_or(*format, "subject_token_field_name", "access_token");
    return federation;
}

Impersonation read_impersonation(const Document& document) {
    Impersonation impersonation;
    impersonation.generate_access_token = document.url("service_account_impersonation_url",
                                                       document.wanted("service_account_impersonation_url"));
    if (const json::value* all = find(document.value, "delegates"); all && all->is_array())
        for (const json::value& one : all->as_array())
            if (const auto* text = one.if_string()) impersonation.delegates.emplace_back(*text);
    const json::value* source = find(document.value, "source_credentials");
    if (!source || string_or(*source, "type") == "impersonated_service_account")
        throw Error(ErrorKind::unauthenticated, document.what + " has no usable 'source_credentials'");
    impersonation.source =
        std::make_shared<const Credentials>(read_document(*source, document.what + ", source_credentials"));
    return impersonation;
}

Credentials read_document(const json::value& value, const std::string& what) {
    const Document document{value, what};
    const std::string type = string_or(value, "type");
    Credentials credentials;
    if (type == "service_account") {
        ServiceAccountKey key = read_key(document);
        credentials.principal = key.email;
        credentials.kind = std::move(key);
        credentials.source = what + " (service account)";
    } else if (type == "authorized_user") {
        credentials.kind = read_user(document);
        credentials.source = what + " (user)";
    } else if (type == "external_account") {
        Federation federation = read_federation(document);
        if (federation.impersonate) credentials.principal = account_of(*federation.impersonate);
        credentials.kind = std::move(federation);
        credentials.source = what + " (workload identity federation)";
    } else if (type == "impersonated_service_account") {
        Impersonation impersonation = read_impersonation(document);
        credentials.principal = account_of(impersonation.generate_access_token);
        credentials.kind = std::move(impersonation);
        credentials.source = what + " (impersonated service account)";
    } else {
        throw Error(ErrorKind::unauthenticated,
                    what + " is of type '" + type + "', which pyfOps does not read")
            .hint("use a file of type service_account, authorized_user, external_account or "
                  "impersonated_service_account");
    }
    if (const std::string universe = string_or(value, "universe_domain", "googleapis.com");
        universe != "googleapis.com")
        throw Error(ErrorKind::unauthenticated,
                    what + " is for the universe '" + universe + "', which pyfOps does not know");
    credentials.project = string_or(value, "project_id");
    credentials.quota_project = string_or(value, "quota_project_id");
    return credentials;
}

} // namespace

std::string account_of(const Url& generate_access_token) {
    const std::string_view path = generate_access_token.path();
    const auto slash = path.rfind('/');
    const auto colon = path.rfind(':');
    if (slash == std::string_view::npos || colon == std::string_view::npos || colon < slash) return {};
    return percent_decode(path.substr(slash + 1, colon - slash - 1));
}

Credentials read_credentials(const std::string& text, const std::string& what) {
    json::value value;
    try {
        value = parse_json(text, what, {.max_bytes = 1u << 20});
    } catch (const Error&) {
        throw Error(ErrorKind::unauthenticated, what + " is not JSON"); // its text may hold a key
    }
    return read_document(value, what);
}

} // namespace pyfops::google
