// SPDX-License-Identifier: Apache-2.0
// Credentials of another role: assume-role with its sources, and web identity.
#include "credentials/chain.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "sts.hpp"

namespace pyfops::aws {
namespace {

sts::RoleRequest role_request(const Section& section) {
    sts::RoleRequest request;
    request.role_arn = member(section, "role_arn");
    request.session_name = member(section, "role_session_name");
    if (request.session_name.empty()) request.session_name = "pyfops-" + hex(random_bytes(6));
    request.external_id = member(section, "external_id");
    request.duration_seconds = static_cast<int>(to_integer(member(section, "duration_seconds")).value_or(0));
    return request;
}

Task<Credentials> call_sts(Search& search, ApiCall call, std::shared_ptr<const Credentials> source,
                           std::string title) {
    Endpoint endpoint = resolve_endpoint("sts", search.region, search.system(), search.files, search.profile,
                                         search.endpoint);
    CallNote note;
    note.region = search.region;
    note.credentials = source ? source->source : title;
    Task<HttpResponse> exchange = search.transport.send(std::move(call), std::move(endpoint), source, {},
                                                        std::move(note), search.context);
    const HttpResponse answer = co_await std::move(exchange);
    Credentials credentials = sts::read_credentials(answer.body);
    credentials.source = std::move(title);
    co_return credentials;
}

Task<std::optional<Credentials>> from_source(Search& search, const std::string& source) {
    if (source == "Environment") co_return from_environment(search);
    if (source == "EcsContainer") {
        Task<std::optional<Credentials>> found = from_container(search);
        co_return co_await std::move(found);
    }
    if (source == "Ec2InstanceMetadata") {
        Task<std::optional<Credentials>> found = from_instance(search);
        co_return co_await std::move(found);
    }
    throw Error(ErrorKind::unauthenticated,
                "profile '" + search.profile + "' has credential_source = " + source)
        .hint("it must be Environment, EcsContainer or Ec2InstanceMetadata");
}

} // namespace

Task<std::optional<Credentials>> from_assume_role(Search& search) {
    const std::string profile = search.profile;
    const Section section = search.files.merged(profile);
    const std::string source_profile = member(section, "source_profile");
    const std::string source_name = member(section, "credential_source");
    if (member(section, "role_arn").empty() || (source_profile.empty() && source_name.empty())) {
        search.tried.push_back("profile '" + profile + "' assumes no role");
        co_return std::nullopt;
    }
    if (!source_profile.empty() && !source_name.empty())
        throw Error(ErrorKind::unauthenticated,
                    "profile '" + profile + "' has both source_profile and credential_source")
            .hint("remove one of them");
    if (!member(section, "mfa_serial").empty())
        throw Error(ErrorKind::unauthenticated,
                    "profile '" + profile + "' needs a one-time code (mfa_serial)")
            .hint("get a session with 'aws sts get-session-token' and put it into the environment");

    std::optional<Credentials> source;
    if (!source_name.empty()) {
        Task<std::optional<Credentials>> found = from_source(search, source_name);
        source = co_await std::move(found);
    } else {
        if (!search.files.exists(source_profile))
            throw Error(ErrorKind::unauthenticated, "profile '" + profile + "' has source_profile = " +
                                                        source_profile + ", which does not exist");
        search.chain.insert(profile);
        if (source_profile == profile) {
            // It may name itself when it has keys of its own.
            source = from_section(search, search.files.credentials(profile), search.files.credentials_path());
            if (!source)
                source = from_section(search, search.files.config(profile), search.files.config_path());
        } else {
            if (search.chain.contains(source_profile))
                throw Error(ErrorKind::unauthenticated,
                            "the source_profile of '" + profile + "' leads back to '" + source_profile + "'");
            search.profile = source_profile;
            Task<std::optional<Credentials>> found = from_profile(search);
            source = co_await std::move(found);
            search.profile = profile;
        }
    }
    if (!source) {
        std::string tried;
        for (const std::string& step : search.tried)
            tried += (tried.empty() ? "" : "; ") + step;
        throw Error(ErrorKind::unauthenticated, "no credentials to assume the role of profile '" + profile +
                                                    "' with (tried: " + tried + ")");
    }
    const sts::RoleRequest request = role_request(section);
    Task<Credentials> assuming =
        call_sts(search, sts::assume_role(request), std::make_shared<const Credentials>(*source),
                 "profile " + profile + " (role " + request.role_arn + ")");
    co_return co_await std::move(assuming);
}

Task<std::optional<Credentials>> from_web_identity(Search& search, bool with_environment) {
    const Section section = search.files.merged(search.profile);
    std::string file, where = "profile " + search.profile;
    sts::RoleRequest request;
    if (const auto path = search.variable("AWS_WEB_IDENTITY_TOKEN_FILE"); with_environment && path) {
        file = *path;
        where = "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)";
        request.role_arn = search.variable("AWS_ROLE_ARN").value_or("");
        request.session_name = search.variable("AWS_ROLE_SESSION_NAME").value_or("");
        if (request.role_arn.empty())
            throw Error(ErrorKind::unauthenticated,
                        "AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not");
    } else {
        file = member(section, "web_identity_token_file");
        if (file.empty()) {
            search.tried.push_back("no web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)");
            co_return std::nullopt;
        }
        request = role_request(section);
        if (request.role_arn.empty())
            throw Error(ErrorKind::unauthenticated,
                        "profile '" + search.profile + "' has web_identity_token_file but no role_arn");
    }
    if (request.session_name.empty()) request.session_name = "pyfops-" + hex(random_bytes(6));
    const auto text = search.system().read_file(file);
    if (!text)
        throw Error(ErrorKind::unauthenticated, "the web identity token " + file + " does not exist")
            .context(where);
    std::string token = *text;
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    const Secret secret(std::move(token));
    Task<Credentials> exchange = call_sts(search, sts::assume_role_with_web_identity(request, secret),
                                          nullptr, where + " (role " + request.role_arn + ")");
    co_return co_await std::move(exchange);
}

} // namespace pyfops::aws
