// SPDX-License-Identifier: Apache-2.0
#include "marks.hpp"

#include "pyfops/crypto.hpp"

namespace pyfops::azure {

Tags shared_tags(const std::string& project, const Settings& settings) {
    Tags tags = settings.tags;
    tags[tag::project] = project;
    return tags;
}

Holds holds(const Target& target) {
    return target.group.empty() ? Holds::one : Holds::several;
}

namespace {

std::string function_tag(const std::string& fd) {
    return tag::shared_fd + FdIdentity::parse(fd).function;
}

} // namespace

void mark_unfinished(Tags& tags, Holds holds, const OwnershipMark& mark) {
    if (holds == Holds::several) {
        tags[function_tag(mark.fd)] = mark.fd;
        return;
    }
    tags[tag::fd] = mark.fd;
    tags.erase(tag::content);
}

void mark_finished(Tags& tags, Holds holds, const OwnershipMark& mark, const std::string& package_hash) {
    if (holds == Holds::several) {
        tags[function_tag(mark.fd)] = mark.fd + " " + mark.content_hash;
    } else {
        tags[tag::fd] = mark.fd;
        tags[tag::content] = mark.content_hash;
    }
    tags[tag::package] = package_hash;
}

void unmark(Tags& tags, const std::string& function) {
    tags.erase(tag::shared_fd + function);
}

std::string value_of(const Tags& tags, const std::string& name) {
    const auto found = tags.find(name);
    return found == tags.end() ? std::string() : found->second;
}

std::vector<OwnershipMark> read_marks(const Tags& tags) {
    const std::string project = value_of(tags, tag::project);
    std::vector<OwnershipMark> marks;
    if (project.empty()) return marks;
    if (const std::string fd = value_of(tags, tag::fd); !fd.empty())
        marks.push_back({project, fd, value_of(tags, tag::content)});
    for (const auto& [name, value] : tags) {
        if (!name.starts_with(tag::shared_fd)) continue;
        const auto space = value.find(' ');
        marks.push_back({project, value.substr(0, space),
                         space == std::string::npos ? std::string() : value.substr(space + 1)});
    }
    return marks;
}

std::optional<OwnershipMark> find_mark(const Tags& tags, const FdIdentity& identity) {
    for (OwnershipMark& mark : read_marks(tags))
        if (mark.fd == identity.str()) return std::move(mark);
    return std::nullopt;
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

std::string container_name(const std::string& app) {
    return "app-" + sha256_hex(app).substr(0, 16);
}

std::string folder_name(const std::string& function) {
    return "pyfops-" + function;
}

} // namespace pyfops::azure
