// SPDX-License-Identifier: Apache-2.0
#include "process/cgroup.hpp"

#include "base/proc.hpp"
#include "process/owner_mark.hpp"
#include "pyfops/error.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace pyfops::process {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view family = "pyfops.";

bool put(const fs::path& file, std::string_view text) {
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

void must_put(const fs::path& file, std::string_view text) {
    if (!put(file, text))
        throw Error(ErrorKind::internal, "cannot write '" + std::string(text) + "' to '" + file.string() +
                                             "': " + std::strerror(errno));
}

std::size_t number(const fs::path& file) {
    const std::string text = proc::read_text(file);
    return text.empty() || text.starts_with("max") ? 0 : std::strtoull(text.c_str(), nullptr, 10);
}

bool lists(const std::string& words, std::string_view wanted, char separator) {
    std::istringstream in(words);
    for (std::string word; std::getline(in, word, separator);) {
        while (!word.empty() && word.back() == '\n')
            word.pop_back();
        if (word == wanted) return true;
    }
    return false;
}

void kill_all(const fs::path& group) {
    if (put(group / "cgroup.kill", "1")) return;
    std::istringstream in(proc::read_text(group / "cgroup.procs"));
    for (int pid = 0; in >> pid;)
        if (pid > 0) ::kill(pid, SIGKILL);
}

/// A group can be removed when its last process is gone, which the kernel does after the kill returned.
void remove_group(const fs::path& group) {
    if (group.empty()) return;
    for (int attempt = 0; attempt < 500; ++attempt) {
        if (::rmdir(group.c_str()) == 0 || errno != EBUSY) return;
        kill_all(group);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

/// The controllers that groups below `own` get; tries to hand them down.
bool hands_down(const fs::path& own) {
    const auto both = [&](const char* file) {
        const std::string text = proc::read_text(own / file);
        return lists(text, "memory", ' ') && lists(text, "pids", ' ');
    };
    if (!both("cgroup.controllers")) return false;
    return both("cgroup.subtree_control") ||
           (put(own / "cgroup.subtree_control", "+memory +pids") && both("cgroup.subtree_control"));
}

bool can_make(const fs::path& parent, const std::string& name, const char* needs) {
    const fs::path group = parent / name;
    if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST) return false;
    const bool usable = ::access((group / needs).c_str(), W_OK) == 0;
    ::rmdir(group.c_str());
    return usable;
}

} // namespace

std::map<std::string, std::size_t> read_counters(const fs::path& file) {
    std::map<std::string, std::size_t> counters;
    std::istringstream in(proc::read_text(file));
    std::string name;
    std::size_t value = 0;
    while (in >> name >> value)
        counters[name] = value;
    return counters;
}

std::optional<fs::path> own_group(std::string_view mountinfo, std::string_view cgroups,
                                  std::string_view controller, const fs::path& parent) {
    std::string path;
    std::istringstream groups{std::string(cgroups)};
    for (std::string line; std::getline(groups, line) && path.empty();) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? controllers.empty() : lists(controllers, controller, ','))
            path = line.substr(second + 1);
    }
    if (path.empty()) return std::nullopt;
    std::istringstream mounts{std::string(mountinfo)};
    for (std::string line; std::getline(mounts, line);) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream left(line.substr(0, dash));
        std::istringstream right(line.substr(dash + 3));
        std::string skip, root, point, type, source, options;
        left >> skip >> skip >> skip >> root >> point;
        right >> type >> source >> options;
        if (controller.empty() ? type != "cgroup2" : type != "cgroup" || !lists(options, controller, ','))
            continue;
        if (!parent.empty()) return fs::path(point) / parent.relative_path();
        // In a container the mount shows a part of the hierarchy, and the own path may lie outside of it.
        if (root != "/" && path.starts_with(root)) path = path.substr(root.size());
        if (path.starts_with("/..")) path = "/";
        const fs::path relative = fs::path(path).relative_path();
        return relative.empty() ? fs::path(point) : fs::path(point) / relative;
    }
    return std::nullopt;
}

Cgroup::Cgroup(MemoryControl kind, fs::path memory, fs::path pids)
    : kind_(kind),
      memory_(std::move(memory)),
      pids_(std::move(pids)) {}

Cgroup::~Cgroup() {
    remove_group(memory_);
    if (pids_ != memory_) remove_group(pids_);
}

void Cgroup::limit(std::optional<std::size_t> memory_bytes, int max_processes) {
    if (!pids_.empty()) must_put(pids_ / "pids.max", std::to_string(max_processes));
    if (memory_.empty() || !memory_bytes) return;
    const std::string bytes = std::to_string(*memory_bytes);
    // Swap is counted off where it can be: the clouds have none.
    if (kind_ == MemoryControl::cgroup_v2) {
        must_put(memory_ / "memory.max", bytes);
        put(memory_ / "memory.swap.max", "0");
        put(memory_ / "memory.oom.group", "1");
    } else {
        must_put(memory_ / "memory.limit_in_bytes", bytes);
        put(memory_ / "memory.memsw.limit_in_bytes", bytes);
        put(memory_ / "memory.swappiness", "0");
    }
}

std::vector<Fd> Cgroup::entries() const {
    std::vector<Fd> all;
    for (const fs::path* group : {&memory_, &pids_})
        if (!group->empty() && (group == &memory_ || pids_ != memory_))
            all.push_back(checked(::open((*group / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC),
                                  "the way into a control group"));
    return all;
}

Fd Cgroup::memory_events() const {
    if (memory_.empty()) return {};
    if (kind_ == MemoryControl::cgroup_v2) {
        Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        if (watch && ::inotify_add_watch(watch.get(), (memory_ / "memory.events").c_str(), IN_MODIFY) < 0)
            return {};
        return watch;
    }
    const Fd control(::open((memory_ / "memory.oom_control").c_str(), O_RDONLY | O_CLOEXEC));
    Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!control || !event ||
        !put(memory_ / "cgroup.event_control",
             std::to_string(event.get()) + " " + std::to_string(control.get())))
        return {};
    return event;
}

int Cgroup::out_of_memory_kills() const {
    if (memory_.empty()) return 0;
    const char* file = kind_ == MemoryControl::cgroup_v2 ? "memory.events" : "memory.oom_control";
    const auto counters = read_counters(memory_ / file);
    const auto kills = counters.find("oom_kill");
    return kills == counters.end() ? 0 : static_cast<int>(kills->second);
}

namespace {

std::size_t file_cache(const fs::path& group) {
    auto counters = read_counters(group / "memory.stat");
    return counters["inactive_file"] + counters["active_file"];
}

} // namespace

std::size_t Cgroup::current_bytes() const {
    if (memory_.empty()) return 0;
    const std::size_t all =
        number(memory_ / (kind_ == MemoryControl::cgroup_v2 ? "memory.current" : "memory.usage_in_bytes"));
    const std::size_t cache = file_cache(memory_);
    return all > cache ? all - cache : 0;
}

std::size_t Cgroup::peak_bytes() const {
    if (memory_.empty()) return 0;
    const std::size_t all =
        number(memory_ / (kind_ == MemoryControl::cgroup_v2 ? "memory.peak" : "memory.max_usage_in_bytes"));
    const std::size_t cache = file_cache(memory_);
    return all > cache ? all - cache : 0;
}

CgroupHome::CgroupHome(const fs::path& parent) {
    const std::string mounts = proc::read_text("/proc/self/mountinfo");
    const std::string groups = proc::read_text("/proc/self/cgroup");
    std::error_code ignored;
    prefix_ = std::string(family) + owner_mark();

    const auto use = [&](const char* controller, const char* needs) -> fs::path {
        const auto own = own_group(mounts, groups, controller, parent);
        if (!own) return {};
        if (!parent.empty()) fs::create_directories(*own, ignored);
        return can_make(*own, prefix_ + "probe", needs) ? *own : fs::path();
    };
    memory_ = use("memory", "memory.limit_in_bytes");
    pids_ = use("pids", "pids.max");
    if (!memory_.empty()) {
        kind_ = MemoryControl::cgroup_v1;
        return;
    }
    const auto own = own_group(mounts, groups, {}, parent);
    if (!own) return;
    if (!parent.empty()) fs::create_directories(*own, ignored);
    // A group with processes of its own can hand nothing down, except the root; then beside it.
    for (const fs::path& candidate : {*own, own->parent_path()})
        if (hands_down(candidate) && can_make(candidate, prefix_ + "probe", "memory.max")) {
            kind_ = MemoryControl::cgroup_v2;
            memory_ = pids_ = candidate;
            return;
        }
}

void CgroupHome::give_up() noexcept {
    kind_ = MemoryControl::approximate;
    memory_.clear();
    pids_.clear();
}

std::unique_ptr<Cgroup> CgroupHome::make() {
    const std::string name = prefix_ + std::to_string(next_++);
    const auto enter = [&](const fs::path& parent) -> fs::path {
        if (parent.empty()) return {};
        const fs::path group = parent / name;
        if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST)
            throw Error(ErrorKind::internal,
                        "cannot make the control group '" + group.string() + "': " + std::strerror(errno));
        return group;
    };
    const fs::path memory = enter(memory_);
    return std::make_unique<Cgroup>(kind_, memory, pids_ == memory_ ? memory : enter(pids_));
}

void CgroupHome::clean_leftovers() const {
    for (const fs::path* home : {&memory_, &pids_}) {
        if (home->empty() || (home == &pids_ && pids_ == memory_)) continue;
        std::error_code failure;
        for (const auto& entry : fs::directory_iterator(*home, failure)) {
            const std::string name = entry.path().filename().string();
            if (!name.starts_with(family) || !owner_is_gone(std::string_view(name).substr(family.size())))
                continue;
            kill_all(entry.path());
            remove_group(entry.path());
        }
    }
}

} // namespace pyfops::process
