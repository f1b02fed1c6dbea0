// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pyfops::packaging {

/// Where things lie below the cache directory. Everything is named by its content and written by renaming, so
/// that processes share it without harm.
struct CachePaths {
    std::filesystem::path root;

    std::filesystem::path tools() const { return root / "tools"; }
    std::filesystem::path locks() const { return root / "locks"; }
    std::filesystem::path scratch() const { return root / "scratch"; }
    std::filesystem::path downloads() const { return root / "wheels"; } ///< <sha256>/<file name>
    std::filesystem::path download(const std::string& sha256, const std::string& file) const {
        return downloads() / sha256 / file;
    }
    /// Wheels built here: <sha256 of the sdist>/<file name>.
    std::filesystem::path built(const std::string& sdist_sha256) const {
        return root / "built" / sdist_sha256;
    }
    std::filesystem::path set(const std::string& key) const { return root / "sets" / (key + ".pack"); }
    std::filesystem::path uv() const { return root / "uv"; }
    std::filesystem::path pip() const { return root / "pip"; }
};

/// The file when it is there and has that SHA-256 (hex); one that was damaged is removed. Blocking.
std::optional<std::string> read_checked(const std::filesystem::path& file, const std::string& sha256);

/// A folder below `parent` that only this user can enter, removed with everything in it at the end.
class ScratchFolder {
  public:
    explicit ScratchFolder(const std::filesystem::path& parent);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace pyfops::packaging
