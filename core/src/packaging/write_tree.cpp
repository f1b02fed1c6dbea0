// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"
#include "pyfops/package.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

namespace pyfops {
namespace {

[[noreturn]] void fail(const std::string& path) {
    const int error = errno;
    throw Error(ErrorKind::invalid_input, fmt::format("cannot write '{}': {}", path, std::strerror(error)));
}

} // namespace

void write_tree(const SourceTree& tree, const std::filesystem::path& directory) {
    std::set<std::string> made;
    for (const auto& [path, file] : tree.files()) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1)) {
            if (!made.insert(path.substr(0, slash)).second) continue;
            const std::string parent = directory / path.substr(0, slash);
            // chmod: the umask must not decide whether a sandboxed process may enter.
            if (::mkdir(parent.c_str(), 0755) != 0) {
                if (errno != EEXIST) fail(parent);
            } else if (::chmod(parent.c_str(), 0755) != 0) {
                fail(parent);
            }
        }
        const std::string target = directory / path;
        const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0) fail(target);
        std::string_view rest = file.content.view();
        bool good = ::fchmod(fd, file.executable ? 0755 : 0644) == 0;
        while (good && !rest.empty()) {
            const ssize_t written = ::write(fd, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            good = written > 0;
            if (good) rest.remove_prefix(static_cast<std::size_t>(written));
        }
        const int error = errno;
        ::close(fd);
        errno = error;
        if (!good) fail(target);
    }
}

} // namespace pyfops
