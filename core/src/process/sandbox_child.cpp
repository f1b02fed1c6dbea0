// SPDX-License-Identifier: Apache-2.0
#include "process/sandbox_child.hpp"

#include "process/sandbox_confine.hpp"
#include "process/sandbox_view.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace pyfops::process {

namespace {

bool put(const char* file, const char* text, std::size_t size) noexcept {
    const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool whole = ::write(fd, text, size) == static_cast<ssize_t>(size);
    ::close(fd);
    return whole;
}

void limit(__rlimit_resource resource, rlim_t value) noexcept {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0) return;
    value = std::min(value, now.rlim_max);
    const rlimit wanted{value, value};
    ::setrlimit(resource, &wanted);
}

/// Needs a capability itself, so it comes before the change of user. Without any there is nothing to gain.
void empty_bounding_set() noexcept {
    for (unsigned long capability = 0; capability < 64; ++capability)
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

bool drop_capabilities() noexcept {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    return ::syscall(SYS_capset, &header, none) == 0;
}

/// The byte that tells the owner our pid in its own numbering (the kernel adds it), with the listener.
bool announce(int control, int listener) noexcept {
    char byte = 'p';
    iovec content{&byte, 1};
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    if (listener >= 0) {
        message.msg_control = space;
        message.msg_controllen = sizeof space;
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &listener, sizeof listener);
    }
    return ::sendmsg(control, &message, MSG_NOSIGNAL) == 1;
}

[[noreturn]] void run_program(const SandboxPlan& plan, int listener, int keeper) noexcept {
    const int report = plan.report;
    if (::setsid() < 0) fail(report, "making its session");
    reset_signals();
    // A session keyring may hold keys of our user.
    ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    if (!set_standard_streams(plan.input, plan.output, plan.errors)) fail(report, "setting its streams");
    for (const int group : plan.groups)
        if (::write(group, "0", 1) != 1) fail(report, "entering its control group");
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, static_cast<rlim_t>(plan.max_open_files));
    limit(RLIMIT_FSIZE, static_cast<rlim_t>(plan.max_file_bytes));
    if (plan.limit_user_processes)
        limit(RLIMIT_NPROC, static_cast<rlim_t>(plan.max_processes) + 1); // and the keeper
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(report, "giving up new privileges");
    empty_bounding_set();
    if (plan.change_user && (::syscall(SYS_setgroups, 0, nullptr) != 0 ||
                             ::syscall(SYS_setresgid, plan.gid, plan.gid, plan.gid) != 0 ||
                             ::syscall(SYS_setresuid, plan.uid, plan.uid, plan.uid) != 0))
        fail(report, "changing the user");
    if (!drop_capabilities()) fail(report, "dropping capabilities");
    // The least sandbox, without a view of its own, has to do where even this is not to be had (qemu).
    if (!confine() && plan.view) fail(report, "forbidding namespaces");
    // Cleared by a change of user, so only now; the keeper may have died before.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (!plan.view && ::getppid() != keeper) ::_exit(127);
    if (::chdir(plan.directory.c_str()) != 0) fail(report, "entering its directory");
    if (plan.probe) ::_exit(0);
    if (!announce(plan.control, listener)) fail(report, "announcing itself");
    close_on_exec();
    ::execve(plan.program.c_str(), plan.arguments.data(), plan.environment.data());
    fail(report, "executing the program");
}

/// Without a process namespace: kills children until none is left; orphans come to us as their reaper.
void kill_descendants() noexcept {
    char text[4096];
    for (int round = 0; round < 10'000; ++round) {
        const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
        const ssize_t got = list < 0 ? 0 : ::read(list, text, sizeof text - 1);
        if (list >= 0) ::close(list);
        int pid = 0;
        for (ssize_t i = 0; i < got; ++i) {
            if (text[i] >= '0' && text[i] <= '9')
                pid = pid * 10 + (text[i] - '0');
            else {
                if (pid > 1) ::kill(pid, SIGKILL);
                pid = 0;
            }
        }
        int status = 0;
        pid_t ended = 0;
        while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
        }
        if (ended < 0 && errno == ECHILD) return;
        ::poll(nullptr, 0, 1);
    }
}

/// Waits for the program's end or the owner's, whichever is first; our own end takes the rest along.
[[noreturn]] void keep(const SandboxPlan& plan, pid_t program, int signals) noexcept {
    bool owner_left = false;
    int status = 0;
    for (bool running = true; running && !owner_left;) {
        pollfd both[2] = {{plan.control, 0, 0}, {signals, POLLIN, 0}}; // 0: only a hang-up counts
        if (::poll(both, 2, -1) < 0 && errno != EINTR) break;
        owner_left = (both[0].revents & (POLLHUP | POLLERR)) != 0;
        signalfd_siginfo info;
        while (::read(signals, &info, sizeof info) > 0) {
        }
        int ended_status = 0;
        for (pid_t ended = 0; (ended = ::waitpid(-1, &ended_status, WNOHANG)) > 0;)
            if (ended == program) {
                running = false;
                status = ended_status;
            }
    }
    if (!plan.view) kill_descendants();
    if (!owner_left) {
        [[maybe_unused]] const ssize_t sent = ::send(plan.control, &status, sizeof status, MSG_NOSIGNAL);
    }
    ::_exit(0);
}

} // namespace

unsigned long clone_flags(const SandboxPlan& plan) noexcept {
    unsigned long flags = 0;
    if (plan.view) flags |= CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    if (plan.user_space) flags |= CLONE_NEWUSER;
    if (plan.own_network) flags |= CLONE_NEWNET;
    return flags;
}

void run_sandbox(const SandboxPlan& plan) noexcept {
    const int report = plan.report;
    close_all_but(plan.keep);
    reset_signals();
    ::setsid(); // a Ctrl-C at the terminal is the owner's
    ::umask(022);
    ::prctl(PR_SET_NAME, "pyfops-sandbox", 0, 0, 0);
    put("/proc/self/oom_score_adj", "500", 3);
    if (plan.user_space && (!put("/proc/self/setgroups", "deny", 4) ||
                            !put("/proc/self/uid_map", plan.uid_map.data(), plan.uid_map.size()) ||
                            !put("/proc/self/gid_map", plan.gid_map.data(), plan.gid_map.size())))
        fail(report, "mapping the user");
    // This process still has the owner's memory: nobody inside may look at it.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (plan.view) {
        if (const char* step = build_view(plan)) fail(report, step);
        ::syscall(SYS_sethostname, "localhost", 9);
    } else {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
    int listener = -1;
    if (plan.own_network) {
        if (!loopback_up()) fail(report, "starting the loopback network");
        if (plan.listener_port != 0 && (listener = listen_on(plan.listener_port)) < 0)
            fail(report, "listening");
    }
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child_ended, nullptr);
    const int signals = ::signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) fail(report, "watching its children");
    const pid_t keeper = ::getpid();
    const long program = ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (program < 0) fail(report, "starting the program's process");
    if (program == 0) run_program(plan, listener, keeper);
    // What only the program needs must not stay open here: its output would never end.
    for (const int fd : plan.keep)
        if (fd != plan.control) ::close(fd);
    if (listener >= 0) ::close(listener);
    for (const int stream : {0, 1, 2})
        ::close(stream);
    keep(plan, static_cast<pid_t>(program), signals);
}

} // namespace pyfops::process
