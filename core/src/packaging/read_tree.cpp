// SPDX-License-Identifier: Apache-2.0
#include "base/printable.hpp"
#include "packaging/ignore.hpp"
#include "pyfops/error.hpp"
#include "pyfops/source_tree.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace pyfops {
namespace {

namespace fs = std::filesystem;

/// First, so that a .pyfopsignore can take any of them back ("!tests/").
constexpr std::string_view left_out[] = {
    "__pycache__/", "*.py[cod]",      ".git",         ".hg",          ".svn",           ".pyfops/",
    "tests/",       "/.pyfopsignore", "/pyfops.yaml", "/pyfops.lock", ".pytest_cache/", ".mypy_cache/",
    ".ruff_cache/", ".DS_Store",      ".tox/",        ".nox/",
};

class Reader {
  public:
    Reader(const fs::path& directory, const ReadTreeOptions& options) : options_(options) {
        std::error_code failure;
        root_ = fs::canonical(directory, failure);
        if (failure || !fs::is_directory(root_, failure))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the folder '{}' does not exist", directory.string()));
        for (const std::string_view pattern : left_out)
            rules_.add(pattern);
        if (const fs::path file = root_ / ".pyfopsignore"; fs::is_regular_file(file))
            rules_.add_text(read_file(file, 1u << 20));
        for (const std::string& pattern : options.ignore)
            rules_.add(pattern);
    }

    SourceTree read() {
        folder(root_, "");
        return std::move(tree_);
    }

  private:
    [[noreturn]] static void refuse(const std::string& path, std::string_view why,
                                    std::string_view hint = {}) {
        throw Error(ErrorKind::invalid_input, fmt::format("'{}' {}", printable(path), why))
            .hint(hint.empty() ? std::string("remove it or name it in .pyfopsignore") : std::string(hint));
    }

    void folder(const fs::path& directory, const std::string& prefix) {
        // A link to a folder above itself would go round forever.
        const fs::path real = fs::canonical(directory);
        if (std::ranges::find(open_, real) != open_.end())
            refuse(prefix.substr(0, prefix.size() - 1), "is a link to a folder that contains it");
        open_.push_back(real);
        std::error_code failure;
        fs::directory_iterator entries(directory, failure);
        if (failure) refuse(prefix.empty() ? "." : prefix, "cannot be listed: " + failure.message());
        for (const fs::directory_entry& entry : entries)
            one(entry.path(), prefix + entry.path().filename().string());
        open_.pop_back();
    }

    void one(const fs::path& file, const std::string& path) {
        std::error_code failure;
        const fs::file_status status = fs::status(file, failure);
        const bool directory = fs::is_directory(status);
        if (rules_.ignored(path, directory)) return;
        if (fs::is_symlink(fs::symlink_status(file))) {
            if (!fs::exists(status)) refuse(path, "is a link to something that does not exist");
            const fs::path real = fs::canonical(file, failure);
            const auto [end, unused] = std::ranges::mismatch(root_, real);
            if (failure || end != root_.end())
                refuse(path, "is a link that leads out of the code base",
                       "copy what it points to, or name it in .pyfopsignore");
        }
        if (directory) {
            if (fs::exists(file / "pyvenv.cfg")) return; // a virtual environment
            folder(file, path + '/');
            return;
        }
        if (!fs::is_regular_file(status)) refuse(path, "is neither a file nor a folder");
        if (tree_.files().size() >= options_.max_files)
            refuse(path, fmt::format("is one file too many: at most {} may be packaged", options_.max_files),
                   "name what the function does not need in .pyfopsignore");
        const std::size_t left = options_.max_bytes - bytes_;
        if (fs::file_size(file) > left)
            refuse(path, fmt::format("takes the code base over {} bytes", options_.max_bytes),
                   "name what the function does not need in .pyfopsignore");
        SourceFile content{read_file(file, left),
                           (status.permissions() & fs::perms::owner_exec) != fs::perms::none};
        bytes_ += content.content.size();
        tree_.add(path, std::move(content));
    }

    const ReadTreeOptions& options_;
    fs::path root_;
    packaging::IgnoreRules rules_;
    std::vector<fs::path> open_;
    SourceTree tree_;
    std::size_t bytes_ = 0;
};

} // namespace

SourceTree read_tree(const fs::path& directory, const ReadTreeOptions& options) {
    try {
        return Reader(directory, options).read();
    } catch (const fs::filesystem_error& failure) {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'{}' cannot be read: {}", printable(failure.path1().string()),
                                failure.code().message()));
    } catch (Error& failure) {
        throw Error(failure).context(fmt::format("reading the code base '{}'", directory.string()));
    }
}

} // namespace pyfops
