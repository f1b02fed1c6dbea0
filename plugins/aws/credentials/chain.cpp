// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"

namespace pyfops::aws {

std::vector<std::string> credential_sources() {
    return {"environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)",
            "profile: assume-role (role_arn with source_profile or credential_source)",
            "web identity (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or the profile)",
            "profile: shared credentials file",
            "profile: credential_process",
            "profile: config file",
            "container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI)",
            "instance metadata (IMDSv2)"};
}

Credentials read_key_document(const std::string& text, const std::string& what) {
    json::value document;
    try {
        document = parse_json(text, what, {.max_bytes = 1u << 20});
    } catch (const Error&) {
        throw Error(ErrorKind::unauthenticated, what + " is not JSON"); // its text may hold a key
    }
    Credentials credentials;
    credentials.key.access_key_id = string_or(document, "AccessKeyId");
    credentials.key.secret_key = Secret(string_or(document, "SecretAccessKey"));
    credentials.key.session_token = Secret(string_or(document, "Token", string_or(document, "SessionToken")));
    if (credentials.key.access_key_id.empty() || credentials.key.secret_key.empty())
        throw Error(ErrorKind::unauthenticated, what + " has no AccessKeyId and SecretAccessKey");
    if (const std::string expires = string_or(document, "Expiration"); !expires.empty())
        credentials.expires = from_iso8601(expires);
    return credentials;
}

std::optional<Credentials> from_environment(Search& search) {
    const auto id = search.variable("AWS_ACCESS_KEY_ID");
    if (!id) {
        search.tried.push_back("AWS_ACCESS_KEY_ID is not set");
        return std::nullopt;
    }
    const auto secret = search.variable("AWS_SECRET_ACCESS_KEY");
    if (!secret)
        throw Error(ErrorKind::unauthenticated, "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not")
            .hint("set both, or neither");
    Credentials credentials;
    credentials.key.access_key_id = *id;
    credentials.key.secret_key = Secret(*secret);
    auto token = search.variable("AWS_SESSION_TOKEN");
    if (!token) token = search.variable("AWS_SECURITY_TOKEN");
    if (token) credentials.key.session_token = Secret(*token);
    if (const auto expires = search.variable("AWS_CREDENTIAL_EXPIRATION"))
        credentials.expires = from_iso8601(*expires);
    credentials.source = "environment";
    return credentials;
}

std::optional<Credentials> from_section(Search& search, const Section* section, const std::string& path) {
    const std::string id = section ? member(*section, "aws_access_key_id") : std::string();
    if (id.empty()) {
        search.tried.push_back("no keys for profile '" + search.profile + "' in " + path);
        return std::nullopt;
    }
    Credentials credentials;
    credentials.key.access_key_id = id;
    credentials.key.secret_key = Secret(member(*section, "aws_secret_access_key"));
    if (credentials.key.secret_key.empty())
        throw Error(ErrorKind::unauthenticated,
                    "profile '" + search.profile + "' in " + path + " has no aws_secret_access_key");
    std::string token = member(*section, "aws_session_token");
    if (token.empty()) token = member(*section, "aws_security_token");
    credentials.key.session_token = Secret(std::move(token));
    credentials.source = "profile " + search.profile + " (" + path + ")";
    return credentials;
}

namespace {

void refuse_missing_profile(const Search& search) {
    if (search.files.exists(search.profile) || search.profile == "default") return;
    Error failure(ErrorKind::unauthenticated, "there is no AWS profile '" + search.profile + "' in " +
                                                  search.files.config_path() + " or " +
                                                  search.files.credentials_path());
    const std::string close = nearest(search.profile, search.files.names());
    failure.hint(close.empty() ? "check AWS_PROFILE and providers.aws.profile"
                               : "did you mean '" + close + "'?");
    throw failure;
}

void note_sso(Search& search) {
    const Section section = search.files.merged(search.profile);
    if (!section.contains("sso_session") && !section.contains("sso_start_url")) return;
    search.tried.push_back(
        "profile '" + search.profile +
        "' uses IAM Identity Center (SSO), which pyfOps does not read itself: put the output "
        "of 'aws configure export-credentials --profile " +
        search.profile + " --format env' into the environment");
}

[[noreturn]] void nothing_found(const Search& search) {
    std::string tried;
    for (const std::string& step : search.tried)
        tried += (tried.empty() ? "" : "; ") + step;
    Error failure(ErrorKind::unauthenticated, "no AWS credentials were found (tried: " + tried + ")");
    failure.hint(
        search.variable("ACTIONS_ID_TOKEN_REQUEST_URL")
            ? "in GitHub Actions, put the step aws-actions/configure-aws-credentials before this one"
            : "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run 'aws configure'; with --local "
              "none are needed");
    throw failure;
}

} // namespace

Task<std::optional<Credentials>> from_profile(Search& search) {
    Task<std::optional<Credentials>> assuming = from_assume_role(search);
    if (auto found = co_await std::move(assuming)) co_return found;
    Task<std::optional<Credentials>> identity = from_web_identity(search, false);
    if (auto found = co_await std::move(identity)) co_return found;
    note_sso(search);
    if (auto found =
            from_section(search, search.files.credentials(search.profile), search.files.credentials_path()))
        co_return found;
    Task<std::optional<Credentials>> process = from_process(search);
    if (auto found = co_await std::move(process)) co_return found;
    co_return from_section(search, search.files.config(search.profile), search.files.config_path());
}

Task<Credentials> find_credentials(Search search) {
    if (search.profile_is_explicit) {
        search.tried.push_back("the environment is not asked because the project names a profile");
    } else if (auto found = from_environment(search)) {
        co_return *found;
    }
    refuse_missing_profile(search);
    Task<std::optional<Credentials>> assuming = from_assume_role(search);
    if (auto found = co_await std::move(assuming)) co_return *found;
    Task<std::optional<Credentials>> identity = from_web_identity(search, !search.profile_is_explicit);
    if (auto found = co_await std::move(identity)) co_return *found;
    note_sso(search);
    if (auto found =
            from_section(search, search.files.credentials(search.profile), search.files.credentials_path()))
        co_return *found;
    Task<std::optional<Credentials>> process = from_process(search);
    if (auto found = co_await std::move(process)) co_return *found;
    if (auto found = from_section(search, search.files.config(search.profile), search.files.config_path()))
        co_return *found;
    Task<std::optional<Credentials>> container = from_container(search);
    if (auto found = co_await std::move(container)) co_return *found;
    Task<std::optional<Credentials>> instance = from_instance(search);
    if (auto found = co_await std::move(instance)) co_return *found;
    nothing_found(search);
}

} // namespace pyfops::aws
