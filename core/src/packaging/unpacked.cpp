// SPDX-License-Identifier: Apache-2.0
#include "packaging/unpacked.hpp"

#include "packaging/deflate.hpp"

namespace pyfops::packaging {

std::filesystem::path unpack_set(const CachePaths& cache, const DependencySet& set) {
    const std::filesystem::path folder = cache.root / "unpacked" / set.content_hash;
    std::error_code failure;
    if (std::filesystem::exists(folder, failure)) return folder;
    SourceTree tree;
    for (const auto& [path, file] : set.files)
        tree.add(path, {unpack_file(file), file.executable});
    const ScratchFolder scratch(cache.scratch());
    const std::filesystem::path made = scratch.path() / "set";
    std::filesystem::create_directory(made);
    std::filesystem::permissions(made, std::filesystem::perms(0755));
    write_tree(tree, made);
    std::filesystem::create_directories(folder.parent_path());
    std::filesystem::rename(made, folder, failure);
    // Somebody else was faster: theirs is the same.
    if (failure && !std::filesystem::exists(folder))
        throw std::filesystem::filesystem_error("rename", folder, failure);
    return folder;
}

} // namespace pyfops::packaging
