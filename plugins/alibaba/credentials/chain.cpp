// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"

namespace pyfops::alibaba {

std::vector<std::string> credential_sources() {
    return {"environment (ALIBABA_CLOUD_ACCESS_KEY_ID, _ACCESS_KEY_SECRET, _SECURITY_TOKEN)",
            "OIDC (ALIBABA_CLOUD_ROLE_ARN, _OIDC_PROVIDER_ARN, _OIDC_TOKEN_FILE)",
            "profile of the Alibaba Cloud CLI (~/.aliyun/config.json)",
            "credentials file (~/.alibabacloud/credentials)",
            "instance metadata (ECS RAM role)",
            "credentials URI (ALIBABA_CLOUD_CREDENTIALS_URI)"};
}

Credentials read_keys(const std::string& id, const std::string& secret, const std::string& token,
                      const std::string& what) {
    if (id.empty() || secret.empty())
        throw Error(ErrorKind::unauthenticated,
                    what + " has no access key " + (id.empty() ? "id" : "secret"));
    Credentials credentials;
    credentials.key.access_key_id = id;
    credentials.key.access_key_secret = Secret(secret);
    credentials.key.security_token = Secret(token);
    credentials.source = what;
    return credentials;
}

Credentials read_key_document(const std::string& text, const std::string& what) {
    json::value document;
    try {
        document = parse_json(text, what, {.max_bytes = 1u << 20});
    } catch (const Error&) {
        throw Error(ErrorKind::unauthenticated, what + " is not JSON"); // its text may hold a key
    }
    if (const std::string code = string_or(document, "Code", "Success"); code != "Success")
        throw Error(ErrorKind::unauthenticated, what + " says '" + code + "'");
    Credentials credentials =
        read_keys(string_or(document, "AccessKeyId"), string_or(document, "AccessKeySecret"),
                  string_or(document, "SecurityToken"), what);
    if (const std::string expires = string_or(document, "Expiration"); !expires.empty())
        credentials.expires = from_iso8601(expires);
    return credentials;
}

std::optional<Credentials> from_environment(Search& search) {
    const auto id = search.variable("ALIBABA_CLOUD_ACCESS_KEY_ID");
    if (!id) {
        search.tried.push_back("ALIBABA_CLOUD_ACCESS_KEY_ID is not set");
        return std::nullopt;
    }
    const auto secret = search.variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
    if (!secret)
        throw Error(ErrorKind::unauthenticated,
                    "ALIBABA_CLOUD_ACCESS_KEY_ID is set, ALIBABA_CLOUD_ACCESS_KEY_SECRET is not")
            .hint("set both, or neither");
    return read_keys(*id, *secret, search.variable("ALIBABA_CLOUD_SECURITY_TOKEN").value_or(""),
                     "environment");
}

namespace {

[[noreturn]] void refuse_missing_profile(const Search& search) {
    Error failure(ErrorKind::unauthenticated, "there is no Alibaba Cloud profile '" + search.profile +
                                                  "' in " + search.files.cli_path() + " or " +
                                                  search.files.ini_path());
    const std::string close = nearest(search.profile, search.files.names());
    failure.hint(close.empty() ? "check providers.alibaba.profile" : "did you mean '" + close + "'?");
    throw failure;
}

[[noreturn]] void nothing_found(const Search& search) {
    std::string tried;
    for (const std::string& step : search.tried)
        tried += (tried.empty() ? "" : "; ") + step;
    throw Error(ErrorKind::unauthenticated, "no Alibaba Cloud credentials were found (tried: " + tried + ")")
        .hint("set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run 'aliyun "
              "configure'; with --local none are needed");
}

} // namespace

Task<Credentials> find_credentials(Search search) {
    if (search.profile_is_explicit) {
        if (!search.files.cli(search.profile) && !search.files.ini(search.profile))
            refuse_missing_profile(search);
        Task<std::optional<Credentials>> cli = from_cli_profile(search);
        if (auto found = co_await std::move(cli)) co_return *found;
        Task<std::optional<Credentials>> file = from_credentials_file(search);
        if (auto found = co_await std::move(file)) co_return *found;
        nothing_found(search);
    }
    if (auto found = from_environment(search)) co_return *found;
    Task<std::optional<Credentials>> oidc = from_oidc(search);
    if (auto found = co_await std::move(oidc)) co_return *found;
    Task<std::optional<Credentials>> cli = from_cli_profile(search);
    if (auto found = co_await std::move(cli)) co_return *found;
    Task<std::optional<Credentials>> file = from_credentials_file(search);
    if (auto found = co_await std::move(file)) co_return *found;
    Task<std::optional<Credentials>> instance =
        from_instance(search, search.variable("ALIBABA_CLOUD_ECS_METADATA").value_or(""));
    if (auto found = co_await std::move(instance)) co_return *found;
    Task<std::optional<Credentials>> uri = from_uri(search);
    if (auto found = co_await std::move(uri)) co_return *found;
    nothing_found(search);
}

} // namespace pyfops::alibaba
