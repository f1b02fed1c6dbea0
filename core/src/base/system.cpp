// SPDX-License-Identifier: Apache-2.0
#include "pyfops/system.hpp"

#include "base/descriptor.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

extern char** environ;

namespace pyfops {

System::~System() = default;

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const fs::path& path) {
    throw Error(ErrorKind::invalid_input,
                fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

std::optional<std::string> read_if_there(const fs::path& path, std::size_t max_bytes) {
    // A pipe that nobody writes to would be waited for.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        fail("read", path);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) fail("read", path);
    if (S_ISFIFO(status.st_mode))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("cannot read {}: it is no file but a pipe", path.string()))
            .hint("put a file in its place");
    std::string content;
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
        if (got == 0) return content;
        if (got < 0) {
            if (errno == EINTR) continue;
            fail("read", path);
        }
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > max_bytes)
            throw Error(ErrorKind::invalid_input, fmt::format("{} is larger than the {} bytes expected of it",
                                                              path.string(), max_bytes));
    }
}

class RealSystem final : public System {
  public:
    RealSystem() {
        for (char** entry = environ; entry && *entry; ++entry) {
            const std::string_view text(*entry);
            const auto equals = text.find('=');
            if (equals != std::string_view::npos)
                variables_.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }

    std::optional<std::string> variable(std::string_view name) const override {
        const auto found = variables_.find(name);
        if (found == variables_.end()) return std::nullopt;
        return found->second;
    }

    std::map<std::string, std::string> variables() const override {
        return {variables_.begin(), variables_.end()};
    }

    std::optional<std::string> read_file(const fs::path& path, std::size_t max_bytes) const override {
        return read_if_there(path, max_bytes);
    }

    fs::path home() const override {
        if (const auto home = variable("HOME"); home && !home->empty()) return *home;
        const passwd* user = ::getpwuid(::getuid());
        return user && user->pw_dir ? user->pw_dir : "/";
    }

    fs::path cache_directory() const override {
        if (const auto own = variable("PYFOPS_CACHE_DIR"); own && !own->empty()) return *own;
        if (const auto xdg = variable("XDG_CACHE_HOME"); xdg && !xdg->empty())
            return fs::path(*xdg) / "pyfops";
        return home() / ".cache" / "pyfops";
    }

  private:
    std::map<std::string, std::string, std::less<>> variables_;
};

} // namespace

System& real_system() {
    static RealSystem system;
    return system;
}

std::string read_file(const fs::path& path, std::size_t max_bytes) {
    auto content = read_if_there(path, max_bytes);
    if (!content) {
        errno = ENOENT;
        fail("read", path);
    }
    return std::move(*content);
}

void write_file(const fs::path& path, std::string_view content, unsigned mode) {
    if (path.has_parent_path()) {
        std::error_code failure;
        fs::create_directories(path.parent_path(), failure);
        if (failure)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("cannot create {}: {}", path.parent_path().string(), failure.message()));
    }
    std::string temporary = path.string() + ".XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (file.get() < 0) fail("write", path);
    const auto give_up = [&] {
        const int reason = errno;
        ::unlink(temporary.c_str());
        errno = reason;
        fail("write", path);
    };
    std::size_t written = 0;
    while (written < content.size()) {
        const ssize_t count = ::write(file.get(), content.data() + written, content.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) give_up();
        written += static_cast<std::size_t>(count);
    }
    if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 ||
        ::rename(temporary.c_str(), path.c_str()) != 0)
        give_up();
}

} // namespace pyfops
