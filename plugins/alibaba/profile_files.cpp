// SPDX-License-Identifier: Apache-2.0
#include "profile_files.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

#include <set>

namespace pyfops::alibaba {
namespace {

const Section* lookup(const std::map<std::string, Section>& sections, const std::string& name) {
    const auto found = sections.find(name);
    return found == sections.end() ? nullptr : &found->second;
}

} // namespace

std::map<std::string, Section> parse_ini(std::string_view text) {
    std::map<std::string, Section> sections;
    Section* section = nullptr;
    for (const std::string_view line : split(text, '\n')) {
        const std::string content(trimmed(line));
        if (content.empty() || content[0] == '#' || content[0] == ';') continue;
        if (content.front() == '[') {
            const auto close = content.find(']');
            section = close == std::string::npos
                          ? nullptr
                          : &sections[std::string(trimmed(content.substr(1, close - 1)))];
            continue;
        }
        const auto equals = content.find('=');
        if (!section || equals == std::string::npos) continue;
        (*section)[lower_case(trimmed(content.substr(0, equals)))] =
            std::string(trimmed(content.substr(equals + 1)));
    }
    return sections;
}

ProfileFiles::ProfileFiles(const System& system)
    : cli_path_((system.home() / ".aliyun" / "config.json").string()),
      ini_path_(variable(system, "ALIBABA_CLOUD_CREDENTIALS_FILE")
                    .value_or((system.home() / ".alibabacloud" / "credentials").string())) {
    if (!sdk::is_true(system, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"))
        if (const auto text = system.read_file(cli_path_)) read_cli(*text);
    if (const auto text = system.read_file(ini_path_)) ini_ = parse_ini(*text);
}

void ProfileFiles::read_cli(const std::string& text) {
    json::value document;
    try {
        document = parse_json(text, cli_path_);
    } catch (const Error&) {
        cli_problem_ = cli_path_ + " is not JSON"; // its text may hold a key
        return;
    }
    current_ = string_or(document, "current");
    const json::value* profiles = find(document, "profiles");
    if (!profiles || !profiles->is_array()) return;
    for (const json::value& profile : profiles->as_array()) {
        if (!profile.is_object()) continue;
        Section section;
        for (const auto& one : profile.as_object()) {
            if (const auto* value = one.value().if_string())
                section[std::string(one.key())] = std::string(*value);
            else if (one.value().is_number())
                section[std::string(one.key())] = json::serialize(one.value());
        }
        cli_[member(section, "name")] = std::move(section);
    }
}

const Section* ProfileFiles::cli(const std::string& profile) const {
    return lookup(cli_, profile);
}
const Section* ProfileFiles::ini(const std::string& profile) const {
    return lookup(ini_, profile);
}

std::vector<std::string> ProfileFiles::names() const {
    std::set<std::string> all;
    for (const auto& [name, section] : cli_)
        all.insert(name);
    for (const auto& [name, section] : ini_)
        all.insert(name);
    return {all.begin(), all.end()};
}

std::string member(const Section& section, const std::string& key) {
    const auto found = section.find(key);
    return found == section.end() ? std::string() : found->second;
}

} // namespace pyfops::alibaba
