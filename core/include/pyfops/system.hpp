// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pyfops {

/// The user's environment, as far as credential chains and settings may look at it. Captured once; immutable
/// afterwards; thread-safe.
class PYFOPS_EXPORT System {
  public:
    virtual ~System();
    /// nullopt when not set; an empty variable is set.
    virtual std::optional<std::string> variable(std::string_view name) const = 0;
    virtual std::map<std::string, std::string> variables() const = 0;
    /// The whole file, or nullopt when it does not exist. Throws Error(invalid_input) when it cannot be read
    /// or is larger than `max_bytes`.
    virtual std::optional<std::string> read_file(const std::filesystem::path& path,
                                                 std::size_t max_bytes = 1u << 20) const = 0;
    virtual std::filesystem::path home() const = 0;
    /// XDG cache directory of pyfOps ($PYFOPS_CACHE_DIR, $XDG_CACHE_HOME/pyfops, ~/.cache/pyfops).
    virtual std::filesystem::path cache_directory() const = 0;
};

/// The environment of this process.
PYFOPS_EXPORT System& real_system();

/// A whole file in one go. Throws Error(invalid_input) naming the file.
PYFOPS_EXPORT std::string read_file(const std::filesystem::path& path, std::size_t max_bytes = 1u << 30);
/// Replaces a file: written beside it, fsynced, renamed; another reader sees the old or the new whole.
/// Creates the parent directories. `mode` counts whatever the umask. Blocking. Throws Error(invalid_input)
/// naming the file or folder and why; the old content is still there then.
PYFOPS_EXPORT void write_file(const std::filesystem::path& path, std::string_view content,
                              unsigned mode = 0644);

} // namespace pyfops
