// SPDX-License-Identifier: Apache-2.0
#include "process/sandbox_start.hpp"

#include "process/owner_mark.hpp"
#include "process/sandbox_view.hpp"
#include "pyfops/error.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace pyfops::process {

namespace fs = std::filesystem;

namespace {

constexpr int start_limit_ms = 20'000;
constexpr std::string_view tmp_family = "pyfops-sandbox.";

std::uint16_t port_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

/// What is written to by a sandbox that runs as another user has to be that user's.
void give_away(const fs::path& path, unsigned uid, unsigned gid) {
    std::error_code failure;
    if (::lchown(path.c_str(), uid, gid) != 0) return;
    for (const auto& entry : fs::recursive_directory_iterator(path, failure))
        if (::lchown(entry.path().c_str(), uid, gid) != 0) return;
}

fs::path make_private_tmp() {
    std::string name =
        (fs::temp_directory_path() / (std::string(tmp_family) + owner_mark() + "XXXXXX")).string();
    if (!::mkdtemp(name.data()))
        throw Error(ErrorKind::internal,
                    "cannot make a private directory for the sandbox: " + std::string(std::strerror(errno)));
    return name;
}

/// Until the exec closed the pipe; a Failure when one was sent.
std::optional<Failure> wait_for_exec(int report) {
    pollfd waiting{report, POLLIN, 0};
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(start_limit_ms);
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        const int ready = ::poll(&waiting, 1, std::max(0, static_cast<int>(left.count())));
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return Failure{"waiting for the start", ETIMEDOUT};
        Failure failure{};
        const ssize_t got = ::read(report, &failure, sizeof failure);
        if (got < 0 && errno == EINTR) continue;
        if (got == sizeof failure) return failure;
        return std::nullopt;
    }
}

/// The program's pid in our numbering, and the listener when it was opened inside.
void read_announcement(int control, StartedGroup& group) {
    char byte = 0;
    iovec content{&byte, 1};
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    if (::recvmsg(control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
        throw Error(ErrorKind::internal, "the sandbox ended while it was started");
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == SCM_CREDENTIALS) {
            ucred sender{};
            std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
            group.pid = sender.pid;
        } else if (header->cmsg_type == SCM_RIGHTS) {
            int listener = -1;
            std::memcpy(&listener, CMSG_DATA(header), sizeof listener);
            group.listener = Fd(listener);
        }
    }
}

} // namespace

SandboxStarter::SandboxStarter(const SandboxOptions& options, Log& log)
    : home_(options.cgroup_parent),
      log_(log) {
    if (options.without_cgroups) home_.give_up();
    home_.clean_leftovers();
    std::error_code nowhere;
    if (const fs::path temporary = fs::temp_directory_path(nowhere); !nowhere)
        remove_left_folders(temporary, tmp_family, SandboxPlan().uid);
    find_means(options);
}

StartedGroup SandboxStarter::start(const SandboxRequest& request) {
    return start(request, means_, home_.has_memory() || home_.has_pids(), false);
}

StartedGroup SandboxStarter::start(const SandboxRequest& request, const SandboxMeans& means, bool with_groups,
                                   bool probe) {
    StartedGroup group;
    group.own_processes = means.view;
    group.memory_bytes = request.memory_bytes;
    group.max_buffered = request.max_output_bytes;
    struct RemoveTmp {
        fs::path directory;
        ~RemoveTmp() {
            std::error_code ignored;
            if (!directory.empty()) fs::remove_all(directory, ignored);
        }
    } tmp;
    if (!means.view) tmp.directory = make_private_tmp();

    const bool listens = !request.listener_variable.empty();
    std::uint16_t host_port = 0;
    if (listens && (request.network || !means.network)) {
        group.listener = checked(listen_on(0), "a listener on the loopback");
        host_port = port_of(group.listener.get());
    }
    SandboxPlan plan = plan_sandbox(request, means, tmp.directory, host_port);
    plan.probe = probe;
    plan.limit_user_processes = means.user_space && !home_.has_pids();
    if (plan.change_user) {
        if (!tmp.directory.empty()) give_away(tmp.directory, plan.uid, plan.gid);
        for (const SandboxMount& mount : request.mounts)
            if (mount.writable) give_away(mount.host, plan.uid, plan.gid);
    }

    std::vector<Fd> entries;
    if (with_groups) {
        group.group = home_.make();
        group.group->limit(request.memory_bytes, request.max_processes);
        entries = group.group->entries();
    }
    const Fd input = make_input({});
    auto output = make_pipe();
    auto errors = make_pipe();
    auto report = make_pipe();
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) ends[0] = ends[1] = -1;
    Fd inner(ends[1]);
    group.control = checked(ends[0], "a socket");
    inner = checked(inner.release(), "a socket");
    const int on = 1;
    ::setsockopt(group.control.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);

    plan.input = input.get();
    plan.output = output[1].get();
    plan.errors = errors[1].get();
    plan.report = report[1].get();
    plan.control = inner.get();
    plan.keep = {plan.input, plan.output, plan.errors, plan.report, plan.control};
    for (const Fd& entry : entries) {
        plan.groups.push_back(entry.get());
        plan.keep.push_back(entry.get());
    }
    std::sort(plan.keep.begin(), plan.keep.end());

    group.keeper = fork_child(clone_flags(plan));
    if (group.keeper.pid == 0) run_sandbox(plan);
    output[1].reset();
    errors[1].reset();
    report[1].reset();
    inner.reset();

    try {
        if (const auto failure = wait_for_exec(report[0].get()))
            throw Error(ErrorKind::internal, "cannot start '" + request.command.front() +
                                                 "' in the sandbox: " + failure->step +
                                                 " failed: " + std::strerror(failure->error));
        if (!probe) read_announcement(group.control.get(), group);
    } catch (...) {
        group.control.reset(); // the keeper goes with it, and the rest with the keeper
        if (group.own_processes) ::kill(group.keeper.pid, SIGKILL);
        reap(group.keeper, start_limit_ms);
        throw;
    }
    if (probe) reap(group.keeper, start_limit_ms);
    if (listens) group.listener_address = "127.0.0.1:" + std::to_string(port_of(group.listener.get()));
    group.output = std::move(output[0]);
    group.errors = std::move(errors[0]);
    group.directory = std::exchange(tmp.directory, {});
    return group;
}

bool SandboxStarter::works(const SandboxMeans& means, bool with_groups, bool network, std::string& reason) {
    SandboxRequest request;
    request.command = {"/bin/true"};
    request.network = network;
    request.memory_bytes = 64u << 20;
    try {
        const StartedGroup group = start(request, means, with_groups, true);
        std::error_code ignored;
        if (!group.directory.empty()) fs::remove_all(group.directory, ignored);
        return true;
    } catch (const Error& error) {
        reason = error.message();
        log_.debug("the sandbox without: " + reason);
        return false;
    }
}

void SandboxStarter::find_means(const SandboxOptions& options) {
    const bool root = ::geteuid() == 0;
    bool groups = home_.has_memory() || home_.has_pids();
    std::string reason;
    std::string ignored;
    // From the most to the least; what a container or a kernel forbids shows only when it is tried.
    const SandboxMeans all[] = {
        {root, true, !root, true}, {root, true, !root, false}, {root, false, false, false}};
    for (const SandboxMeans& candidate : all) {
        if (candidate.view && options.without_namespaces) continue;
        means_ = candidate;
        if (works(candidate, groups, !candidate.network, reason)) break;
        if (groups && works(candidate, false, !candidate.network, ignored)) {
            groups = false;
            home_.give_up();
            break;
        }
        // A root without the right to change users (in some containers) stays itself.
        if (!candidate.view && root) {
            means_.root = false;
            if (works(means_, groups, true, ignored)) break;
        }
    }
    SandboxAbilities& can = abilities_;
    can.memory = home_.has_memory() ? home_.kind() : MemoryControl::approximate;
    can.process_limit = home_.has_pids() || means_.user_space;
    can.other_user = means_.root || means_.user_space;
    can.private_files = means_.view;
    can.private_network = means_.network;
    if (can.memory == MemoryControl::approximate)
        can.missing.push_back(
            "no memory control group can be made: memory is sampled, limits are approximate");
    if (!can.process_limit) can.missing.push_back("the number of processes is not limited");
    if (!can.private_files)
        can.missing.push_back(
            "no namespaces: sandboxed code sees the files and processes of this machine that its "
            "user may see" +
            (reason.empty() ? std::string() : " (" + reason + ")"));
    if (!can.other_user) can.missing.push_back("sandboxed code runs as the user of pyfOps");
    if (!can.private_network) can.missing.push_back("the network cannot be switched off for sandboxed code");
}

} // namespace pyfops::process
