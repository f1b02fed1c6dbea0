// SPDX-License-Identifier: Apache-2.0
#include "store/journal_file.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace pyfops::store {
namespace {

constexpr std::size_t largest = 1u << 30;

void sync_folder(const std::filesystem::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd); // some file systems refuse; the file itself is synced with every entry
    ::close(fd);
}

} // namespace

void JournalFile::fail(const char* what) const {
    throw Error(ErrorKind::storage,
                fmt::format("cannot {} the journal {}: {}", what, path_.string(), std::strerror(errno)))
        .hint("make the folder writable and the disk roomy: without its journal nothing is deployed");
}

JournalFile::JournalFile(std::filesystem::path path) : path_(std::move(path)) {
    const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) {
        errno = failure.value();
        fail("create the folder of");
    }
    // A link may come with a project from somebody else, and lead to a file that is none of ours.
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd_ < 0 && errno == ELOOP)
        throw Error(ErrorKind::storage, fmt::format("the journal {} is a link", path_.string()))
            .hint("remove it, unless you know why it is there: the journal must be a file of its own");
    if (fd_ < 0) fail("open");
    sync_folder(folder);
}

JournalFile::~JournalFile() {
    if (fd_ >= 0) ::close(fd_);
}

JournalFile::Lock::Lock(const JournalFile& file) : fd_(file.fd_) {
    while (::flock(fd_, LOCK_EX) != 0)
        if (errno != EINTR) file.fail("lock");
}

JournalFile::Lock::~Lock() {
    ::flock(fd_, LOCK_UN);
}

JournalFile::Content JournalFile::read() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) fail("read");
    if (static_cast<std::size_t>(status.st_size) > largest) {
        errno = EFBIG;
        fail("read");
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t got = ::pread(fd_, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("read");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    Content content;
    std::string_view rest = std::string_view(text).substr(0, done);
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (auto entry = from_line(line))
            content.entries.push_back(std::move(*entry));
        else
            content.damaged.emplace_back(line);
    }
    return content;
}

void JournalFile::append(const std::string& line, bool durable) const {
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    if (size < 0) fail("write");
    off_t good = size;
    for (char last = 0; good > 0; --good) {
        if (::pread(fd_, &last, 1, good - 1) != 1) fail("read");
        if (last == '\n') break;
    }
    if (good != size && ::ftruncate(fd_, good) != 0) fail("repair");
    std::size_t written = 0;
    while (written < line.size()) {
        const ssize_t count = ::write(fd_, line.data() + written, line.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const int reason = errno;
            if (::ftruncate(fd_, good) != 0) errno = reason; // the next append cuts it off
            errno = reason;
            fail("write");
        }
        written += static_cast<std::size_t>(count);
    }
    if (durable && ::fdatasync(fd_) != 0) fail("write");
}

void JournalFile::keep_damaged(const std::vector<std::string>& lines) const {
    const std::string beside = path_.string() + ".damaged";
    const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool kept = fd >= 0;
    for (const std::string& line : lines) {
        const std::string whole = line + '\n';
        kept = kept && ::write(fd, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size());
    }
    if (fd >= 0) ::close(fd);
    if (!kept) fail("keep damaged lines of");
}

void JournalFile::clear(const Content& content) const {
    if (!content.damaged.empty()) keep_damaged(content.damaged);
    if (::ftruncate(fd_, 0) != 0) fail("empty");
}

} // namespace pyfops::store
