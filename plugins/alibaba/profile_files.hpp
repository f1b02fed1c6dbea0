// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"
#include "pyfops/sdk/endpoint.hpp"
#include "pyfops/system.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::alibaba {

using Section = std::map<std::string, std::string>;

/// The text of a credentials file: sections, lower-case keys.
std::map<std::string, Section> parse_ini(std::string_view text);

/// What the Alibaba Cloud CLI wrote (~/.aliyun/config.json) and the credentials file of the SDKs
/// (~/.alibabacloud/credentials, or what ALIBABA_CLOUD_CREDENTIALS_FILE names), both read once.
class ProfileFiles {
  public:
    explicit ProfileFiles(const System& system);

    /// The profile's members as text; nullptr when the CLI's file has none of that name. A file that is no
    /// JSON counts as empty; `cli_problem` says so.
    const Section* cli(const std::string& profile) const;
    const Section* ini(const std::string& profile) const;
    /// "current" of the CLI's file; "" when there is none.
    const std::string& current() const { return current_; }
    std::vector<std::string> names() const;

    const std::string& cli_path() const { return cli_path_; }
    const std::string& ini_path() const { return ini_path_; }
    const std::string& cli_problem() const { return cli_problem_; }

  private:
    void read_cli(const std::string& text);

    std::string cli_path_, ini_path_, current_, cli_problem_;
    std::map<std::string, Section> cli_, ini_;
};

using sdk::variable;
std::string member(const Section& section, const std::string& key);

} // namespace pyfops::alibaba
