// SPDX-License-Identifier: Apache-2.0
#include "marks.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "resolve.hpp"

namespace pyfops::google {
namespace {

constexpr std::size_t id_length = 16; ///< as FdIdentity::id()

std::string text_of(const functions::Texts& values, const char* key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : found->second;
}

std::string project_label(const std::string& project) {
    return is_label_value(project) ? project : sha256_hex(project).substr(0, id_length);
}

} // namespace

functions::Texts labels_of(const FdIdentity& identity, const std::string& package_hash,
                           const Settings& settings, const functions::Texts& current) {
    functions::Texts labels = current;
    for (const auto& [key, value] : settings.labels)
        labels[key] = value;
    labels[label::project] = project_label(identity.project);
    labels[label::fd] = identity.id();
    labels[label::code] = sha256_hex(package_hash).substr(0, 32);
    if (settings.is_public)
        labels[label::access] = "public";
    else
        labels.erase(label::access);
    return labels;
}

bool is_of(const functions::Function& function, const FdIdentity& identity) {
    return text_of(function.labels, label::project) == project_label(identity.project) &&
           text_of(function.labels, label::fd) == identity.id();
}

bool is_ours(const functions::Function& function) {
    return function.labels.contains(label::project) && function.labels.contains(label::fd);
}

std::optional<OwnershipMark> read_mark(const functions::Function& function) {
    if (!is_ours(function)) return std::nullopt;
    OwnershipMark mark;
    mark.project = text_of(function.labels, label::project);
    const std::string fd = text_of(function.environment, own_variable::fd);
    // The environment can be edited by anybody who may edit the function: it must fit the label.
    if (const auto identity = sdk::parse_identity(fd); identity && is_of(function, *identity)) {
        mark.project = identity->project;
        mark.fd = fd;
    }
    if (is_finished(function)) mark.content_hash = text_of(function.environment, own_variable::content);
    return mark;
}

bool is_finished(const functions::Function& function) {
    return function.state == "ACTIVE" && function.problem.empty();
}

Deployment to_deployment(const functions::Function& function, const OwnershipMark& mark,
                         const FdIdentity& identity) {
    Deployment deployment;
    deployment.identity = identity;
    deployment.cloud_name = function.name;
    deployment.link = function.url.empty() ? function.uri : function.url;
    if (function.labels.contains(label::access)) deployment.url = deployment.link;
    deployment.memory_mb = function.memory_mb;
    deployment.timeout_seconds = function.timeout;
    deployment.runtime = function.runtime;
    deployment.mark = mark;
    deployment.probe_key = Secret(text_of(function.environment, sdk::probe_key_variable));
    deployment.details["state"] = function.state;
    deployment.details["revision"] = function.revision;
    deployment.details["service"] = function.service;
    deployment.details["uri"] = function.uri;
    deployment.details["cpu"] = function.cpu;
    return deployment;
}

} // namespace pyfops::google
