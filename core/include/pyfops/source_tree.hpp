// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/http.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pyfops {

/// One file of a deployment package. Paths are relative, '/'-separated, without "." and ".." parts.
struct SourceFile {
    Bytes content;
    bool executable = false; ///< mode 0755, else 0644
};

/// Files in memory, sorted bytewise by path. A value; copies share the bytes.
class PYFOPS_EXPORT SourceTree {
  public:
    /// Throws Error(invalid_input) for a path that is absolute, empty, or has "..", "." or empty parts.
    void add(const std::string& path, SourceFile file);
    /// As `add`; Error(conflict) when the path is taken.
    void add_new(const std::string& path, SourceFile file);
    const SourceFile* find(const std::string& path) const noexcept;
    const std::map<std::string, SourceFile>& files() const noexcept { return files_; }
    std::size_t total_bytes() const noexcept;
    /// SHA-256 (hex) over the sorted (path, mode, bytes): equal on any machine. Decides "unchanged".
    std::string content_hash() const;

  private:
    std::map<std::string, SourceFile> files_;
};

struct ReadTreeOptions {
    std::vector<std::string> ignore; ///< further patterns, in the syntax of .gitignore
    std::size_t max_files = 50'000;
    std::size_t max_bytes = 1u << 30;
};

/// Reads a code base. Left out: `__pycache__`, `*.pyc`, `.git`, `.pyfops`, `tests`, virtual environments and
/// what the `.pyfopsignore` at its root names (syntax of .gitignore). Symbolic links are followed inside the
/// folder and refused when they lead out of it. Blocking; call it through Workers. Throws
/// Error(invalid_input) naming the file.
PYFOPS_EXPORT SourceTree read_tree(const std::filesystem::path& directory,
                                   const ReadTreeOptions& options = {});

} // namespace pyfops
