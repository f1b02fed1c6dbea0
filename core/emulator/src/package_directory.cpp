// SPDX-License-Identifier: Apache-2.0
#include "package_directory.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/package.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

/// Seen whole or not at all, also by another process that does the same.
fs::path place(const SourceTree& tree, const fs::path& target) {
    const fs::path made = target.string() + "." + std::to_string(::getpid()) + "." + hex(random_bytes(4));
    fs::create_directories(made);
    ::chmod(made.c_str(), 0755);
    std::error_code failure;
    try {
        write_tree(tree, made);
        fs::rename(made, target, failure);
    } catch (...) {
        fs::remove_all(made, failure);
        throw;
    }
    if (failure) fs::remove_all(made);
    if (!fs::is_directory(target))
        throw Error(ErrorKind::internal, "cannot place '" + target.string() + "': " + failure.message());
    return target;
}

} // namespace

PackageDirectory::PackageDirectory(fs::path directory) : directory_(fs::absolute(directory)) {}

fs::path PackageDirectory::package(const Bytes& archive, const std::string& sha256) const {
    const fs::path target = directory_ / "packages" / sha256;
    if (fs::is_directory(target)) return target;
    return place(read_zip(archive.view()), target);
}

fs::path PackageDirectory::runtime(const std::map<std::string, std::string>& files) const {
    SourceTree tree;
    for (const auto& [path, content] : files)
        tree.add(path, {Bytes(content), false});
    const fs::path target = directory_ / "runtimes" / tree.content_hash();
    if (fs::is_directory(target)) return target;
    return place(tree, target);
}

void PackageDirectory::remove(const fs::path& unpacked) const noexcept {
    std::error_code ignored;
    fs::remove_all(unpacked, ignored);
}

} // namespace pyfops
