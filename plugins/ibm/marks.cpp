// SPDX-License-Identifier: Apache-2.0
#include "marks.hpp"

#include "catalog.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

namespace pyfops::ibm {

std::optional<OwnershipMark> read_mark(const code_engine::Function& function) {
    const auto& variables = function.configuration.variables;
    const auto value = [&variables](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second.value;
    };
    OwnershipMark read{value(mark::project), value(mark::fd), value(mark::content)};
    if (read.project.empty() || read.fd.empty()) return std::nullopt;
    return read;
}

OwnershipMark require_mark(const std::optional<OwnershipMark>& found, const std::string& what,
                           const FdIdentity& identity) {
    if (!found)
        throw Error(ErrorKind::conflict,
                    what + " exists in " + identity.region + " and was not made by pyfOps")
            .hint("rename the project or the function, or delete it yourself");
    if (found->fd != identity.str())
        throw Error(ErrorKind::conflict,
                    what + " in " + identity.region + " belongs to another deployment: " + found->fd)
            .hint("rename the project or the function");
    return *found;
}

Deployment to_deployment(const code_engine::Function& function, const OwnershipMark& mark,
                         const FdIdentity& identity) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.cloud_name = function.name;
    deployment.link = deployment.url = function.endpoint;
    deployment.memory_mb = megabytes(function.configuration.memory);
    deployment.timeout_seconds = function.configuration.timeout;
    deployment.runtime = function.configuration.runtime;
    deployment.mark = mark;
    deployment.details["state"] = function.status;
    deployment.details["reason"] = function.reason;
    deployment.details["entity_tag"] = function.entity_tag;
    deployment.details["cpu"] = function.configuration.cpu;
    const std::string& code = function.configuration.code_reference;
    if (code.starts_with("data:"))
        deployment.details["code_bytes"] = code.size();
    else
        deployment.details["code"] = code;
    return deployment;
}

std::string project_name(const std::string& account, const std::string& region, const std::string& project) {
    const std::string hash = sha256_hex(account + "/" + region + "/" + project).substr(0, 12);
    return "pyfops-" + project.substr(0, 40) + "-" + hash;
}

std::string secret_name(const std::string& function) {
    return function + "-secret";
}

std::string image_tag(const std::string& content_hash, const BuildSettings& build) {
    return sha256_hex(content_hash + "\n" + build.source_url + "\n" + build.context_dir + "\n" +
                      build.revision)
        .substr(0, 16);
}

std::string build_run_name(const std::string& image) {
    return "pyfops-" + sha256_hex(image).substr(0, 24);
}

} // namespace pyfops::ibm
