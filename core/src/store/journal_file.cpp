// SPDX-License-Identifier: Apache-2.0
#include "store/journal_file.hpp"

#include "base/own_directories.hpp"
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
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get()); // some file systems refuse; every entry is synced itself
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
    create_own_directories(folder, failure);
    if (failure) {
        errno = failure.value();
        fail("create the folder of");
    }
    // A link may come with a project from somebody else, and lead to a file that is none of ours.
    file_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file_ && errno == ELOOP)
        throw Error(ErrorKind::storage, fmt::format("the journal {} is a link", path_.string()))
            .hint("remove it, unless you know why it is there: the journal must be a file of its own");
    if (!file_) fail("open");
    sync_folder(folder);
}

JournalFile::Lock::Lock(const JournalFile& file) : fd_(file.file_.get()) {
    while (::flock(fd_, LOCK_EX) != 0)
        if (errno != EINTR) file.fail("lock");
}

JournalFile::Lock::~Lock() {
    ::flock(fd_, LOCK_UN);
}

JournalFile::Content JournalFile::read() const {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) fail("read");
    if (static_cast<std::size_t>(status.st_size) > largest) {
        errno = EFBIG;
        fail("read");
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t got =
            ::pread(file_.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
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
    const off_t size = ::lseek(file_.get(), 0, SEEK_END);
    if (size < 0) fail("write");
    off_t good = size;
    for (char last = 0; good > 0; --good) {
        if (::pread(file_.get(), &last, 1, good - 1) != 1) fail("read");
        if (last == '\n') break;
    }
    if (good != size && ::ftruncate(file_.get(), good) != 0) fail("repair");
    std::size_t written = 0;
    while (written < line.size()) {
        const ssize_t count = ::write(file_.get(), line.data() + written, line.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const int reason = errno;
            if (::ftruncate(file_.get(), good) != 0) errno = reason; // the next append cuts it off
            errno = reason;
            fail("write");
        }
        written += static_cast<std::size_t>(count);
    }
    if (durable && ::fdatasync(file_.get()) != 0) fail("write");
}

void JournalFile::keep_damaged(const std::vector<std::string>& lines) const {
    const std::string beside = path_.string() + ".damaged";
    const Descriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
    bool kept = static_cast<bool>(file);
    for (const std::string& line : lines) {
        const std::string whole = line + '\n';
        kept = kept && ::write(file.get(), whole.data(), whole.size()) == static_cast<ssize_t>(whole.size());
    }
    if (!kept) fail("keep damaged lines of");
}

void JournalFile::clear(const Content& content) const {
    if (!content.damaged.empty()) keep_damaged(content.damaged);
    if (::ftruncate(file_.get(), 0) != 0) fail("empty");
}

} // namespace pyfops::store
