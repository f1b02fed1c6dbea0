// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/emulator/instances.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace pyfops {

/// Packages and runtime files as directories, one per content; complete when they are there, since they are
/// renamed into place. Its calls block; any thread may make them, for different contents at the same time.
class PackageDirectory {
  public:
    explicit PackageDirectory(std::filesystem::path directory);

    /// Unpacks unless it is there. Throws Error(invalid_input) for a broken archive.
    std::filesystem::path package(const Bytes& archive, const std::string& sha256_hex) const;
    std::filesystem::path runtime(const std::map<std::string, std::string>& files) const;
    void remove(const std::filesystem::path& unpacked) const noexcept;

  private:
    std::filesystem::path directory_;
};

} // namespace pyfops
