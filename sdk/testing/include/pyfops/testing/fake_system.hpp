// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/system.hpp"

namespace pyfops::testing {

/// An environment made of maps: no file of the machine and no variable of the process is seen.
class FakeSystem final : public System {
  public:
    std::map<std::string, std::string> environment;
    std::map<std::filesystem::path, std::string> files;
    std::filesystem::path home_directory = "/home/user";

    std::optional<std::string> variable(std::string_view name) const override;
    std::map<std::string, std::string> variables() const override { return environment; }
    std::optional<std::string> read_file(const std::filesystem::path& path,
                                         std::size_t max_bytes = 1u << 20) const override;
    std::filesystem::path home() const override { return home_directory; }
    std::filesystem::path cache_directory() const override { return home_directory / ".cache" / "pyfops"; }
};

} // namespace pyfops::testing
