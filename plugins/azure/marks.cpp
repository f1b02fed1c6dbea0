// SPDX-License-Identifier: Apache-2.0
#include "marks.hpp"

#include "pyfops/crypto.hpp"

namespace pyfops::azure {

Tags shared_tags(const std::string& project, const Settings& settings) {
    Tags tags = settings.tags;
    tags[tag::project] = project;
    return tags;
}

Tags unfinished_tags(const OwnershipMark& mark, const Settings& settings) {
    Tags tags = shared_tags(mark.project, settings);
    tags[tag::fd] = mark.fd;
    return tags;
}

Tags finished_tags(const OwnershipMark& mark, const std::string& package_hash, const Settings& settings) {
    Tags tags = unfinished_tags(mark, settings);
    tags[tag::content] = mark.content_hash;
    tags[tag::package] = package_hash;
    return tags;
}

std::string value_of(const Tags& tags, const std::string& name) {
    const auto found = tags.find(name);
    return found == tags.end() ? std::string() : found->second;
}

std::optional<OwnershipMark> read_mark(const Tags& tags) {
    OwnershipMark mark{value_of(tags, tag::project), value_of(tags, tag::fd), value_of(tags, tag::content)};
    if (mark.project.empty() || mark.fd.empty()) return std::nullopt;
    return mark;
}

bool belongs_to(const Tags& tags, const std::string& project) {
    return value_of(tags, tag::project) == project;
}

std::string app_name(const std::string& cloud_name, const std::string& subscription,
                     const std::string& region) {
    const std::string end = "-" + sha256_hex(subscription + "/" + region).substr(0, 8);
    return cloud_name.ends_with(end) ? cloud_name : cloud_name + end;
}

std::string group_name(const std::string& project) {
    constexpr std::size_t longest = 90;
    const std::string name = "pyfops-" + project;
    if (name.size() <= longest) return name;
    return name.substr(0, longest - 9) + "-" + sha256_hex(name).substr(0, 8);
}

std::string storage_name(const std::string& subscription, const std::string& region,
                         const std::string& project) {
    return "pyfops" + sha256_hex(subscription + "/" + region + "/" + project).substr(0, 18);
}

std::string container_name(const FdIdentity& identity) {
    return "app-" + identity.id();
}

std::string folder_name(const std::string& function) {
    return "pyfops-" + function;
}

} // namespace pyfops::azure
