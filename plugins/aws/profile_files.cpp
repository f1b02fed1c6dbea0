// SPDX-License-Identifier: Apache-2.0
#include "profile_files.hpp"

#include "pyfops/text.hpp"

#include <algorithm>
#include <set>

namespace pyfops::aws {
namespace {

/// "~" at the beginning is the home directory.
std::string path_of(const System& system, std::string_view name, const char* otherwise) {
    std::string path = variable(system, name).value_or(std::string("~/.aws/") + otherwise);
    if (path == "~" || path.starts_with("~/")) path = system.home().string() + path.substr(1);
    return path;
}

const Section* lookup(const std::map<std::string, Section>& sections, const std::string& name) {
    const auto found = sections.find(name);
    return found == sections.end() ? nullptr : &found->second;
}

} // namespace

std::map<std::string, Section> parse_ini(std::string_view text) {
    std::map<std::string, Section> sections;
    Section* section = nullptr;
    std::string outer;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        const std::string content(trimmed(line));
        if (content.empty() || content[0] == '#' || content[0] == ';') continue;
        if (content.front() == '[') {
            const auto close = content.find(']');
            section = close == std::string::npos
                          ? nullptr
                          : &sections[std::string(trimmed(content.substr(1, close - 1)))];
            outer.clear();
            continue;
        }
        const auto equals = content.find('=');
        if (!section || equals == std::string::npos) continue;
        const bool nested = (line[0] == ' ' || line[0] == '\t') && !outer.empty();
        const std::string key = lower_case(trimmed(content.substr(0, equals)));
        const std::string value(trimmed(content.substr(equals + 1)));
        (*section)[nested ? outer + "." + key : key] = value;
        if (!nested) outer = value.empty() ? key : std::string();
    }
    return sections;
}

ProfileFiles::ProfileFiles(const System& system)
    : config_path_(path_of(system, "AWS_CONFIG_FILE", "config")),
      credentials_path_(path_of(system, "AWS_SHARED_CREDENTIALS_FILE", "credentials")) {
    if (const auto text = system.read_file(config_path_)) {
        for (auto& [name, section] : parse_ini(*text)) {
            const auto space = name.find_first_of(" \t");
            const std::string kind = name.substr(0, space);
            const std::string rest =
                space == std::string::npos ? std::string() : std::string(trimmed(name.substr(space)));
            if (name == "default" || (kind == "profile" && rest == "default"))
                config_["default"].merge(section);
            else if (kind == "profile")
                config_[rest] = std::move(section);
            else if (kind == "services")
                services_[rest] = std::move(section);
        }
    }
    if (const auto text = system.read_file(credentials_path_)) credentials_ = parse_ini(*text);
}

bool ProfileFiles::exists(const std::string& profile) const {
    return config_.contains(profile) || credentials_.contains(profile);
}

std::vector<std::string> ProfileFiles::names() const {
    std::set<std::string> all;
    for (const auto& [name, section] : config_)
        all.insert(name);
    for (const auto& [name, section] : credentials_)
        all.insert(name);
    return {all.begin(), all.end()};
}

Section ProfileFiles::merged(const std::string& profile) const {
    Section all;
    if (const Section* from = credentials(profile)) all = *from;
    if (const Section* from = config(profile)) all.insert(from->begin(), from->end());
    return all;
}

const Section* ProfileFiles::config(const std::string& profile) const {
    return lookup(config_, profile);
}
const Section* ProfileFiles::credentials(const std::string& profile) const {
    return lookup(credentials_, profile);
}
const Section* ProfileFiles::services(const std::string& name) const {
    return lookup(services_, name);
}

std::string default_profile(const System& system) {
    if (auto name = variable(system, "AWS_PROFILE")) return *name;
    return variable(system, "AWS_DEFAULT_PROFILE").value_or("default");
}

std::string member(const Section& section, const std::string& key) {
    const auto found = section.find(key);
    return found == section.end() ? std::string() : found->second;
}

} // namespace pyfops::aws
