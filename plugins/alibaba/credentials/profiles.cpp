// SPDX-License-Identifier: Apache-2.0
// Credentials of a profile: of the Alibaba Cloud CLI, or of the SDKs' credentials file.
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"

namespace pyfops::alibaba {
namespace {

RoleSource cli_role(const Section& section) {
    RoleSource role;
    role.role_arn = member(section, "ram_role_arn");
    role.session_name = member(section, "ram_session_name");
    if (role.session_name.empty()) role.session_name = member(section, "role_session_name");
    role.policy = member(section, "policy");
    role.external_id = member(section, "external_id");
    role.duration = member(section, "expired_seconds");
    role.provider_arn = member(section, "oidc_provider_arn");
    role.token_file = member(section, "oidc_token_file");
    return role;
}

RoleSource ini_role(const Section& section) {
    RoleSource role;
    role.role_arn = member(section, "role_arn");
    role.session_name = member(section, "role_session_name");
    role.policy = member(section, "policy");
    role.provider_arn = member(section, "oidc_provider_arn");
    role.token_file = member(section, "oidc_token_file_path");
    return role;
}

Credentials keys_of(const Section& section, const std::string& token_key, const std::string& title) {
    return read_keys(member(section, "access_key_id"), member(section, "access_key_secret"),
                     token_key.empty() ? std::string() : member(section, token_key), title);
}

[[noreturn]] void unsupported(const std::string& title, const std::string& mode, const std::string& hint) {
    throw Error(ErrorKind::unauthenticated,
                title + " has the type '" + mode + "', which pyfOps does not read itself")
        .hint(hint);
}

Task<Credentials> instance_of(Search& search, std::string role, std::string title) {
    Task<std::optional<Credentials>> asking = from_instance(search, std::move(role));
    std::optional<Credentials> found = co_await std::move(asking);
    if (!found)
        throw Error(ErrorKind::unauthenticated, title + " names the role of an instance: " +
                                                    (search.tried.empty() ? "" : search.tried.back()));
    co_return std::move(*found);
}

Task<Credentials> cli_profile(Search& search, std::string name) {
    const std::string title = "profile " + name + " (" + search.files.cli_path() + ")";
    const Section* section = search.files.cli(name);
    if (!section)
        throw Error(ErrorKind::unauthenticated,
                    "the profile '" + name + "' does not exist in " + search.files.cli_path());
    const std::string mode = member(*section, "mode");
    if (mode == "AK") co_return keys_of(*section, {}, title);
    if (mode == "StsToken") co_return keys_of(*section, "sts_token", title);
    if (mode == "EcsRamRole") {
        Task<Credentials> asking = instance_of(search, member(*section, "ram_role_name"), title);
        co_return co_await std::move(asking);
    }
    RoleSource role = cli_role(*section);
    if (mode == "OIDC") {
        Task<Credentials> assuming = assume_with_token(search, std::move(role), title);
        co_return co_await std::move(assuming);
    }
    if (mode == "RamRoleArn") {
        Task<Credentials> assuming =
            assume(search, std::move(role), keys_of(*section, "sts_token", title), title);
        co_return co_await std::move(assuming);
    }
    if (mode == "ChainableRamRoleArn") {
        search.chain.insert(name);
        std::string source = member(*section, "source_profile");
        if (search.chain.contains(source))
            throw Error(ErrorKind::unauthenticated,
                        "the source_profile of '" + name + "' leads back to '" + source + "'");
        Task<Credentials> looking = cli_profile(search, std::move(source));
        Credentials keys = co_await std::move(looking);
        Task<Credentials> assuming = assume(search, std::move(role), std::move(keys), title);
        co_return co_await std::move(assuming);
    }
    unsupported(
        title, mode,
        "put the output of 'aliyun sts GetSessionAccessKey' or another access key into the environment");
}

} // namespace

Task<std::optional<Credentials>> from_cli_profile(Search& search) {
    const std::string name = search.profile.empty() ? search.files.current() : search.profile;
    if (!search.files.cli_problem().empty())
        throw Error(ErrorKind::unauthenticated, search.files.cli_problem())
            .hint("repair it with 'aliyun configure', or set ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true");
    if (name.empty() || !search.files.cli(name)) {
        search.tried.push_back("no profile " + (name.empty() ? std::string() : "'" + name + "' ") + "in " +
                               search.files.cli_path());
        co_return std::nullopt;
    }
    Task<Credentials> looking = cli_profile(search, name);
    co_return co_await std::move(looking);
}

Task<std::optional<Credentials>> from_credentials_file(Search& search) {
    const std::string name = search.profile.empty() ? "default" : search.profile;
    const Section* section = search.files.ini(name);
    if (!section) {
        search.tried.push_back("no section [" + name + "] in " + search.files.ini_path());
        co_return std::nullopt;
    }
    const std::string title = "profile " + name + " (" + search.files.ini_path() + ")";
    const std::string type = member(*section, "type");
    if (type == "access_key") co_return keys_of(*section, {}, title);
    if (type == "sts") co_return keys_of(*section, "security_token", title);
    if (type == "ecs_ram_role") {
        Task<Credentials> asking = instance_of(search, member(*section, "role_name"), title);
        co_return co_await std::move(asking);
    }
    RoleSource role = ini_role(*section);
    if (type == "ram_role_arn") {
        Task<Credentials> assuming = assume(search, std::move(role), keys_of(*section, {}, title), title);
        co_return co_await std::move(assuming);
    }
    if (type == "oidc_role_arn") {
        Task<Credentials> assuming = assume_with_token(search, std::move(role), title);
        co_return co_await std::move(assuming);
    }
    unsupported(title, type, "use type=access_key, sts, ram_role_arn, oidc_role_arn or ecs_ram_role");
}

} // namespace pyfops::alibaba
