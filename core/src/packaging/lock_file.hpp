// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::packaging {

/// One resolved dependency.
struct LockedPackage {
    std::string name;
    std::string version;
    std::string wheel; ///< file name
    std::string
        sdist; ///< file name of the source distribution that it is built from; empty: a released wheel
    std::string sha256; ///< hex, of the wheel, or of the sdist
    bool operator==(const LockedPackage&) const = default;
};

/// pyfops.lock: what was resolved, by requirements file (path relative to the lock) and platform. Sorted
/// JSON, one package a line, so that branches merge. Holds no index and no path of the machine.
class LockFile {
  public:
    /// An empty one when the file is not there. Throws Error(invalid_input) when it cannot be understood.
    static LockFile read(const std::filesystem::path& file);

    /// The packages, when the requirements have still that hash.
    const std::vector<LockedPackage>* find(const std::string& requirements, const std::string& hash,
                                           const std::string& platform) const;
    /// Answers of the same file under another hash are forgotten.
    void set(const std::string& requirements, const std::string& hash, const std::string& platform,
             std::vector<LockedPackage> packages);
    std::string text() const;

  private:
    struct Section {
        std::string hash;
        std::map<std::string, std::vector<LockedPackage>> platforms;
    };
    std::map<std::string, Section> sections_;
};

/// Reads, sets and writes under a lock on the folder, so that concurrent processes lose nothing. Writes only
/// what changed. Blocking.
void update_lock_file(const std::filesystem::path& file, const std::string& requirements,
                      const std::string& hash, const std::string& platform,
                      std::vector<LockedPackage> packages);

} // namespace pyfops::packaging
