// SPDX-License-Identifier: Apache-2.0
#include "packaging/archive.hpp"

#include "packaging/deflate.hpp"
#include "packaging/tree_hash.hpp"
#include "packaging/zip_writer.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

namespace pyfops::packaging {
namespace {

constexpr std::size_t named_shares = 5;

std::string megabytes(std::size_t bytes) {
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

/// "bcrypt.py", "bcrypt/__init__.py" and "bcrypt.cpython-311.so" are all imported as "bcrypt". "" for what is
/// not importable at the top.
std::string top_module(const std::string& path) {
    const std::size_t slash = path.find('/');
    if (slash != std::string::npos) return path.substr(0, slash);
    return path.ends_with(".py") || path.ends_with(".so") ? path.substr(0, path.find('.')) : std::string();
}

/// Refuses what would be one file, or what would hide one module behind another.
void check_conflicts(const BuildRequest& request, const std::string& prefix) {
    const auto owner = [&](const PackedFile& file) {
        const Distribution& one = request.dependencies->distributions.at(file.distribution);
        return fmt::format("'{}' {}", one.name, one.version);
    };
    std::set<std::string> code_modules, code_folders;
    for (const auto& [path, file] : request.tree.files()) {
        if (path.find('/') == std::string::npos)
            code_modules.insert(top_module(path));
        else
            code_folders.insert(top_module(path));
    }
    for (const auto& [path, file] : request.dependencies->files) {
        if (request.tree.find(prefix + path))
            throw Error(ErrorKind::conflict,
                        fmt::format("'{}' is a file of your code and of the dependency {}", prefix + path,
                                    owner(file)))
                .hint("rename yours");
        const std::string module = top_module(path);
        if (module.empty()) continue;
        const bool folder = path.find('/') != std::string::npos;
        // A module beside a package of that name: Python would take one of them and never see the other.
        if (folder ? code_modules.contains(module)
                   : code_folders.contains(module) || code_modules.contains(module))
            throw Error(
                ErrorKind::conflict,
                fmt::format(
                    "your code and the dependency {} both have a module '{}': one would hide the other",
                    owner(file), module))
                .hint("rename yours");
    }
}

void check_limit(const Package& package, std::size_t value, std::size_t limit, std::string_view what) {
    if (value <= limit) return;
    std::string shares;
    for (std::size_t i = 0; i < std::min(named_shares, package.shares.size()); ++i)
        shares +=
            fmt::format("{}{} {}", i ? ", " : "", package.shares[i].name, megabytes(package.shares[i].bytes));
    throw Error(ErrorKind::limit_exceeded,
                fmt::format("the package has {} {}; at most {} are allowed. The biggest parts "
                            "(unzipped): {}",
                            megabytes(value), what, megabytes(limit), shares))
        .hint("drop dependencies that the function does not use, and name files it does not need in "
              ".pyfopsignore");
}

} // namespace

Package build_archive(const BuildRequest& request) {
    std::string prefix = request.dependencies_prefix;
    if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
    if (request.dependencies) check_conflicts(request, prefix);

    Package package;
    std::size_t code_bytes = request.tree.total_bytes();
    package.unzipped_bytes = code_bytes;
    package.file_count = request.tree.files().size();
    if (code_bytes > 0) package.shares.push_back({"(your code)", code_bytes});
    if (request.dependencies) {
        package.distributions = request.dependencies->distributions;
        package.unzipped_bytes += request.dependencies->total_bytes;
        package.file_count += request.dependencies->files.size();
        for (const Distribution& one : package.distributions)
            package.shares.push_back({one.name, one.bytes});
    }
    std::ranges::stable_sort(package.shares, std::ranges::greater(), &SizeShare::bytes);
    check_limit(package, package.unzipped_bytes, request.limits.max_unzipped, "unzipped");
    if (package.file_count > request.limits.max_files)
        throw Error(ErrorKind::limit_exceeded, fmt::format("the package has {} files; at most {} are allowed",
                                                           package.file_count, request.limits.max_files))
            .hint("drop dependencies that the function does not use, and name files it does not need in "
                  ".pyfopsignore");

    const std::map<std::string, PackedFile> code =
        pack_tree(request.tree, std::thread::hardware_concurrency());
    ZipEntries entries;
    for (const auto& [path, file] : code)
        entries.emplace(path, &file);
    if (request.dependencies)
        for (const auto& [path, file] : request.dependencies->files)
            entries.emplace(prefix + path, &file);
    TreeHash hash;
    for (const auto& [path, file] : entries)
        hash.add(path, file->executable, file->sha256);
    package.content_hash = hash.finish();
    std::string archive = write_zip(entries);
    check_limit(package, archive.size(), request.limits.max_zipped, "zipped");
    package.archive_sha256 = sha256(archive);
    package.archive = std::move(archive);
    return package;
}

} // namespace pyfops::packaging
