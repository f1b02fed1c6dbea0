// SPDX-License-Identifier: Apache-2.0
#include "packaging/lock_file.hpp"

#include "packaging/python_tags.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/system.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pyfops::packaging {
namespace {

constexpr int format = 1;

std::string quoted(const std::string& text) {
    return json::serialize(json::value(text));
}

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& why) {
    throw Error(ErrorKind::invalid_input, fmt::format("{} cannot be used: {}", file.filename().string(), why))
        .hint("restore it from version control, or delete it to resolve the dependencies anew");
}

/// flock on the folder: nothing is left behind, and it works between processes.
class FolderLock {
  public:
    explicit FolderLock(const std::filesystem::path& folder)
        : fd_(::open(folder.c_str(), O_RDONLY | O_CLOEXEC)) {
        // Where a file system has no locks, the rename still keeps the file whole.
        while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~FolderLock() {
        if (fd_ >= 0) ::close(fd_);
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int fd_;
};

} // namespace

LockFile LockFile::read(const std::filesystem::path& file) {
    LockFile lock;
    std::error_code failure;
    if (!std::filesystem::exists(file, failure)) return lock;
    const json::value root = parse_json(read_file(file, 16u << 20), file.filename().string());
    if (const long long version = integer_or(root, "version"); version != format)
        damaged(file, version > format ? fmt::format("it was written by a newer pyfOps (format {})", version)
                                       : "it has no known 'version'");
    const json::value* sections = pyfops::find(root, "requirements");
    if (!sections || !sections->is_object()) damaged(file, "it has no 'requirements'");
    for (const auto& [path, content] : sections->as_object()) {
        Section& section = lock.sections_[path];
        section.hash = string_or(content, "sha256");
        const json::value* platforms = pyfops::find(content, "platforms");
        if (!platforms || !platforms->is_object()) damaged(file, "a file has no 'platforms'");
        for (const auto& [platform, list] : platforms->as_object()) {
            if (!list.is_array()) damaged(file, "a platform has no list of packages");
            std::vector<LockedPackage>& packages = section.platforms[platform];
            for (const json::value& one : list.as_array()) {
                LockedPackage package{string_or(one, "name"), string_or(one, "version"),
                                      string_or(one, "wheel"), string_or(one, "sdist"),
                                      string_or(one, "sha256")};
                const bool hash_ok =
                    package.sha256.size() == 64 &&
                    package.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
                if (package.name.empty() || package.version.empty() || !hash_ok ||
                    package.sdist.find('/') != std::string::npos)
                    damaged(file, "a package has no name, version or sha256");
                if (parse_wheel_name(package.wheel).distribution != package.name)
                    damaged(file, fmt::format("the wheel of '{}' is of something else", package.name));
                packages.push_back(std::move(package));
            }
        }
    }
    return lock;
}

const std::vector<LockedPackage>* LockFile::find(const std::string& requirements, const std::string& hash,
                                                 const std::string& platform) const {
    const auto section = sections_.find(requirements);
    if (section == sections_.end() || section->second.hash != hash) return nullptr;
    const auto found = section->second.platforms.find(platform);
    return found == section->second.platforms.end() ? nullptr : &found->second;
}

void LockFile::set(const std::string& requirements, const std::string& hash, const std::string& platform,
                   std::vector<LockedPackage> packages) {
    Section& section = sections_[requirements];
    if (section.hash != hash) section = {hash, {}};
    std::ranges::sort(packages, {}, &LockedPackage::name);
    section.platforms[platform] = std::move(packages);
}

std::string LockFile::text() const {
    std::string out = fmt::format("{{\n  \"version\": {},\n  \"requirements\": {{", format);
    const char* section_separator = "\n";
    for (const auto& [path, section] : sections_) {
        out += fmt::format("{}    {}: {{\n      \"sha256\": {},\n      \"platforms\": {{", section_separator,
                           quoted(path), quoted(section.hash));
        section_separator = ",\n";
        const char* platform_separator = "\n";
        for (const auto& [platform, packages] : section.platforms) {
            out += fmt::format("{}        {}: [", platform_separator, quoted(platform));
            platform_separator = ",\n";
            const char* separator = "\n";
            for (const LockedPackage& one : packages) {
                out += fmt::format("{}          {{\"name\": {}, \"version\": {}, \"wheel\": {}, ", separator,
                                   quoted(one.name), quoted(one.version), quoted(one.wheel));
                if (!one.sdist.empty()) out += fmt::format("\"sdist\": {}, ", quoted(one.sdist));
                out += fmt::format("\"sha256\": {}}}", quoted(one.sha256));
                separator = ",\n";
            }
            out += packages.empty() ? "]" : "\n        ]";
        }
        out += "\n      }\n    }";
    }
    return out + "\n  }\n}\n";
}

void update_lock_file(const std::filesystem::path& file, const std::string& requirements,
                      const std::string& hash, const std::string& platform,
                      std::vector<LockedPackage> packages) {
    const FolderLock guard(file.parent_path());
    LockFile lock = LockFile::read(file);
    const std::string before = lock.text();
    lock.set(requirements, hash, platform, std::move(packages));
    if (lock.text() != before || !std::filesystem::exists(file)) write_file(file, lock.text());
}

} // namespace pyfops::packaging
