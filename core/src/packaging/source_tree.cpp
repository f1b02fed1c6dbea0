// SPDX-License-Identifier: Apache-2.0
#include "pyfops/source_tree.hpp"

#include "packaging/paths.hpp"
#include "packaging/tree_hash.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

namespace pyfops {

void SourceTree::add(const std::string& path, SourceFile file) {
    packaging::check_path(path);
    if (!files_.contains(path)) {
        // A file cannot be a directory too; the map holds no directories, so both ways are looked at.
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1))
            if (files_.contains(path.substr(0, slash)))
                throw Error(ErrorKind::invalid_input,
                            fmt::format("'{}' and '{}' cannot both be files", path.substr(0, slash), path));
        const auto below = files_.lower_bound(path + '/');
        if (below != files_.end() && below->first.starts_with(path + '/'))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("'{}' and '{}' cannot both be files", path, below->first));
    }
    files_.insert_or_assign(path, std::move(file));
}

void SourceTree::add_new(const std::string& path, SourceFile file) {
    if (files_.contains(path))
        throw Error(ErrorKind::conflict, fmt::format("two files are named '{}'", path));
    add(path, std::move(file));
}

const SourceFile* SourceTree::find(const std::string& path) const noexcept {
    const auto found = files_.find(path);
    return found == files_.end() ? nullptr : &found->second;
}

std::size_t SourceTree::total_bytes() const noexcept {
    std::size_t total = 0;
    for (const auto& [path, file] : files_)
        total += file.content.size();
    return total;
}

std::string SourceTree::content_hash() const {
    packaging::TreeHash hash;
    for (const auto& [path, file] : files_)
        hash.add(path, file.executable, sha256(file.content.view()));
    return hash.finish();
}

} // namespace pyfops
