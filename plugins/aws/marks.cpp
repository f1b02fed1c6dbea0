// SPDX-License-Identifier: Apache-2.0
#include "marks.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/target_rules.hpp"

namespace pyfops::aws {

std::map<std::string, std::string> tags_of(const OwnershipMark& mark, const std::string& code_sha256,
                                           const Settings& settings) {
    std::map<std::string, std::string> tags = settings.tags;
    tags[tag::project] = mark.project;
    tags[tag::fd] = mark.fd;
    tags[tag::content] = mark.content_hash;
    tags[tag::code] = code_sha256;
    if (settings.url) tags[tag::url] = "public";
    return tags;
}

std::optional<OwnershipMark> read_mark(const std::map<std::string, std::string>& tags) {
    const auto value = [&tags](const char* key) {
        const auto found = tags.find(key);
        return found == tags.end() ? std::string() : found->second;
    };
    OwnershipMark mark{value(tag::project), value(tag::fd), value(tag::content)};
    if (mark.project.empty() || mark.fd.empty()) return std::nullopt;
    return mark;
}

Deployment to_deployment(const lambda::Function& function, const OwnershipMark& mark,
                         const FdIdentity& identity) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.cloud_name = function.name;
    deployment.link = function.arn;
    deployment.memory_mb = function.memory;
    deployment.timeout_seconds = function.timeout;
    deployment.runtime = function.runtime;
    deployment.mark = mark;
    if (const auto key = function.environment.find(sdk::probe_key_variable);
        key != function.environment.end())
        deployment.probe_key = Secret(key->second);
    deployment.details["state"] = function.state;
    deployment.details["revision"] = function.revision;
    deployment.details["code_sha256"] = function.code_sha256;
    deployment.details["role"] = function.role;
    deployment.details["architecture"] = function.architecture;
    return deployment;
}

std::string role_name(const std::string& project) {
    constexpr std::size_t longest = 64; // IAM
    const std::string name = "pyfops-" + project;
    if (name.size() <= longest) return name;
    return name.substr(0, longest - 9) + "-" + sha256_hex(name).substr(0, 8);
}

std::string bucket_name(const std::string& account, const std::string& region, const std::string& project) {
    // Names are global: the hash keeps accounts and regions apart. At most 63 characters.
    const std::string hash = sha256_hex(account + "/" + region + "/" + project).substr(0, 16);
    return "pyfops-" + project.substr(0, 38) + "-" + hash;
}

} // namespace pyfops::aws
