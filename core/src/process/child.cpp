// SPDX-License-Identifier: Apache-2.0
#include "process/child.hpp"

#include "pyfops/error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace pyfops::process {

Fd checked(int fd, const char* what) {
    if (fd < 0)
        throw Error(ErrorKind::internal, std::string("cannot make ") + what + ": " + std::strerror(errno));
    if (fd > 2) return Fd(fd);
    const Fd low(fd);
    return checked(::fcntl(fd, F_DUPFD_CLOEXEC, 3), what);
}

std::array<Fd, 2> make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) ends[0] = ends[1] = -1;
    Fd write_end(ends[1]);
    Fd read_end = checked(ends[0], "a pipe");
    return {std::move(read_end), checked(write_end.release(), "a pipe")};
}

Fd make_input(const std::string& content) {
    if (content.empty()) return checked(::open("/dev/null", O_RDONLY | O_CLOEXEC), "an empty input");
    // A file in memory and not a pipe: nothing has to be fed, so a program that does not read cannot block us
    // or raise SIGPIPE.
    Fd file = checked(::memfd_create("input", MFD_CLOEXEC), "a file in memory");
    for (std::size_t done = 0; done < content.size();) {
        const ssize_t wrote = ::write(file.get(), content.data() + done, content.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0)
            throw Error(ErrorKind::internal, std::string("cannot hold the input: ") + std::strerror(errno));
        done += static_cast<std::size_t>(wrote);
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

Child fork_child(unsigned long flags) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int pidfd = -1;
    // The bare call: clone3 is hidden by the filters of some containers, fork() knows no pidfd. The low byte
    // of the flags is the signal at the end: none.
    const long pid = ::syscall(SYS_clone, flags | CLONE_PIDFD, nullptr, &pidfd, nullptr, nullptr);
    const int error = errno;
    if (pid == 0) return Child{0, Fd()};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0)
        throw Error(ErrorKind::internal, std::string("cannot start a process: ") + std::strerror(error));
    return Child{static_cast<int>(pid), Fd(pidfd)};
}

Ending ending_of(int wait_status) noexcept {
    if (WIFEXITED(wait_status)) return {WEXITSTATUS(wait_status), 0};
    if (WIFSIGNALED(wait_status)) return {-1, WTERMSIG(wait_status)};
    return {};
}

Ending reap(const Child& child, int milliseconds) {
    pollfd waiting{child.pidfd.get(), POLLIN, 0};
    while (::poll(&waiting, 1, milliseconds) < 0 && errno == EINTR) {
    }
    int status = 0;
    pid_t got = 0;
    do
        got = ::waitpid(child.pid, &status, __WALL | WNOHANG);
    while (got < 0 && errno == EINTR);
    return got == child.pid ? ending_of(status) : Ending{};
}

StringArray::StringArray(std::vector<std::string> strings) : strings_(std::move(strings)) {
    pointers_.clear();
    for (std::string& text : strings_)
        pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
}

namespace {

std::vector<std::string> assignments(const std::map<std::string, std::string>& environment) {
    std::vector<std::string> all;
    all.reserve(environment.size());
    for (const auto& [name, value] : environment)
        all.push_back(name + "=" + value);
    return all;
}

} // namespace

StringArray::StringArray(const std::map<std::string, std::string>& environment)
    : StringArray(assignments(environment)) {}

namespace {

void make_default(bool ignored_too) noexcept {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction now {};
        const bool ignored = ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
        if (ignored_too || !ignored) ::sigaction(signal, &standard, nullptr);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

void reset_signals() noexcept {
    make_default(true);
}

void reset_handlers() noexcept {
    make_default(false);
}

bool set_standard_streams(int in, int out, int err) noexcept {
    return ::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2;
}

namespace {

void close_between(unsigned first, unsigned last, unsigned flags) noexcept {
    if (first > last || ::close_range(first, last, static_cast<int>(flags)) == 0) return;
    // Before Linux 5.9 (5.11 with the flag).
    const long limit = ::sysconf(_SC_OPEN_MAX);
    const unsigned end = limit > 0 && limit < 65536 ? static_cast<unsigned>(limit) : 65536u;
    for (unsigned fd = first; fd <= last && fd < end; ++fd) {
        if (flags)
            ::fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
        else
            ::close(static_cast<int>(fd));
    }
}

} // namespace

void close_all_but(std::span<const int> keep) noexcept {
    unsigned next = 3;
    for (const int fd : keep) {
        if (fd < static_cast<int>(next)) continue;
        close_between(next, static_cast<unsigned>(fd) - 1, 0);
        next = static_cast<unsigned>(fd) + 1;
    }
    close_between(next, ~0u, 0);
}

void close_on_exec() noexcept {
    close_between(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

void fail(int report, const char* step) noexcept {
    Failure failure{};
    failure.error = errno;
    for (std::size_t i = 0; i + 1 < sizeof failure.step && step[i] != 0; ++i)
        failure.step[i] = step[i];
    [[maybe_unused]] const ssize_t wrote = ::write(report, &failure, sizeof failure);
    ::_exit(127);
}

} // namespace pyfops::process
