// SPDX-License-Identifier: Apache-2.0
#include "marks.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/target_rules.hpp"

namespace pyfops::alibaba {

fc::Tags tags_of(const OwnershipMark& mark, const std::string& code_checksum, const Settings& settings) {
    fc::Tags tags = settings.tags;
    tags[tag::project] = mark.project;
    tags[tag::fd] = mark.fd;
    tags[tag::content] = mark.content_hash;
    tags[tag::code] = code_checksum;
    return tags;
}

std::optional<OwnershipMark> read_mark(const fc::Tags& tags) {
    const auto value = [&tags](const char* key) {
        const auto found = tags.find(key);
        return found == tags.end() ? std::string() : found->second;
    };
    OwnershipMark mark{value(tag::project), value(tag::fd), value(tag::content)};
    if (mark.project.empty() || mark.fd.empty()) return std::nullopt;
    return mark;
}

Deployment to_deployment(const fc::Function& function, const OwnershipMark& mark, const FdIdentity& identity,
                         const std::string& url) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.cloud_name = function.name;
    deployment.link = url.empty() ? function.arn : url;
    deployment.url = url;
    deployment.memory_mb = function.memory;
    deployment.timeout_seconds = function.timeout;
    deployment.runtime = function.runtime;
    deployment.mark = mark;
    if (const auto key = function.environment.find(sdk::probe_key_variable);
        key != function.environment.end())
        deployment.probe_key = Secret(key->second);
    deployment.details["state"] = function.state;
    deployment.details["function_arn"] = function.arn;
    deployment.details["code_crc64"] = function.code_checksum;
    deployment.details["vcpus"] = function.cpu_hundredths / 100.0;
    return deployment;
}

std::string bucket_name(const std::string& account, const std::string& region, const std::string& project) {
    // Names are global: the hash keeps accounts and regions apart. At most 63 characters.
    const std::string hash = sha256_hex(account + "/" + region + "/" + project).substr(0, 16);
    return "pyfops-" + project.substr(0, 38) + "-" + hash;
}

} // namespace pyfops::alibaba
