// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/sdk/endpoint.hpp"
#include "pyfops/system.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::aws {

using Section = std::map<std::string, std::string>;

/// The text of an AWS configuration file: sections with lower-case keys; a nested key (indented under
/// another) is "outer.inner".
std::map<std::string, Section> parse_ini(std::string_view text);

/// ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name.
class ProfileFiles {
  public:
    explicit ProfileFiles(const System& system);

    bool exists(const std::string& profile) const;
    std::vector<std::string> names() const;
    /// Keys of both files; the credentials file wins.
    Section merged(const std::string& profile) const;
    const Section* config(const std::string& profile) const;
    const Section* credentials(const std::string& profile) const;
    /// The section "[services name]" of the config file.
    const Section* services(const std::string& name) const;

    const std::string& config_path() const { return config_path_; }
    const std::string& credentials_path() const { return credentials_path_; }

  private:
    std::string config_path_, credentials_path_;
    std::map<std::string, Section> config_, credentials_, services_;
};

/// AWS_PROFILE, AWS_DEFAULT_PROFILE, else "default".
std::string default_profile(const System& system);
using sdk::variable;
std::string member(const Section& section, const std::string& key);

} // namespace pyfops::aws
