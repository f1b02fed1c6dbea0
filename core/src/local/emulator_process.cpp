// SPDX-License-Identifier: Apache-2.0
#include "local/emulator_process.hpp"

#include "plugin/module.hpp"

#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace pyfops {

namespace fs = std::filesystem;
using process::Fd;

namespace {

constexpr std::size_t longest_line = 64u << 10;

/// Always a new file: what has the name may be a link to a file that is none of ours.
Fd new_log(const fs::path& path) {
    ::unlink(path.c_str());
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        throw Error(ErrorKind::unavailable,
                    fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return process::checked(file, "a log");
}

/// "" at the end of the output, or when nothing came in time.
std::string read_line(int descriptor, int timeout_ms) {
    std::string line;
    char c = 0;
    while (line.size() < longest_line) {
        pollfd waiting{descriptor, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, timeout_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return {};
        const ssize_t count = ::read(descriptor, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || c == '\n') return line;
        line += c;
    }
    return line;
}

} // namespace

json::object program_options(const LocalCloudOptions& options) {
    static constexpr std::array levels{"trace", "debug", "info", "warning", "error"};
    json::array plugins;
    for (const auto& path : options.plugin_path)
        plugins.emplace_back(json::string(fs::absolute(path).string()));
    return {{"state", fs::absolute(options.state).string()},
            {"port", options.port},
            {"network", options.network},
            {"require_sandbox", options.require_sandbox},
            {"faults", options.faults},
            {"log_level", levels.at(static_cast<std::size_t>(options.log_level))},
            {"plugin_path", std::move(plugins)}};
}

EmulatorProcess::EmulatorProcess(const LocalCloudOptions& options, Life life, const System& system) {
    const bool foreground = life == Life::foreground;
    json::object told = program_options(options);
    told["foreground"] = foreground;
    const std::string program = emulator_program(system).string();
    const process::StringArray arguments(std::vector<std::string>{program, json::serialize(told)});
    const process::StringArray environment(system.variables());
    const Fd input = process::make_input("");
    const Fd log = foreground ? process::checked(::fcntl(2, F_DUPFD_CLOEXEC, 3), "a log")
                              : new_log(options.state / "emulator.log");
    auto output = process::make_pipe();
    auto report = process::make_pipe();
    const pid_t parent = ::getpid();

    child_ = process::fork_child();
    if (child_.pid == 0) {
        const int report_to = report[1].get();
        // In the foreground nobody else would end it. Otherwise a terminal's Ctrl-C is for the command, not
        // for a cloud that others may use.
        if (foreground) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (::getppid() != parent) ::_exit(0);
        } else if (::setsid() < 0) {
            process::fail(report_to, "making its session");
        }
        process::reset_handlers();
        if (!process::set_standard_streams(input.get(), output[1].get(), log.get()))
            process::fail(report_to, "setting its streams");
        process::close_on_exec();
        ::execve(program.c_str(), arguments.data(), environment.data());
        process::fail(report_to, "executing it");
    }
    output_ = std::move(output[0]);
    output[1].reset();
    report[1].reset();
    process::Failure failure{};
    ssize_t got = 0;
    while ((got = ::read(report[0].get(), &failure, sizeof failure)) < 0 && errno == EINTR) {
    }
    if (got <= 0) return;
    wait();
    throw Error(ErrorKind::unavailable, fmt::format("cannot start {}: {} failed: {}", program, failure.step,
                                                    std::strerror(failure.error)));
}

std::optional<json::object> EmulatorProcess::ready_line(std::optional<Milliseconds> patience) {
    const std::string line = read_line(output_.get(), patience ? static_cast<int>(patience->count()) : -1);
    if (line.empty()) return std::nullopt;
    json::value told = parse_json(line, "the local cloud's first line");
    if (find(told, "ready") && told.is_object()) return std::move(told.as_object());
    wait();
    throw Error(ErrorKind::unavailable, "the local cloud does not start: " + string_or(told, "error"))
        .hint(string_or(told, "hint"));
}

void EmulatorProcess::signal(int number) const noexcept {
    ::syscall(SYS_pidfd_send_signal, child_.pidfd.get(), number, nullptr, 0);
}

process::Ending EmulatorProcess::wait() {
    if (!ending_) ending_ = process::reap(child_, -1);
    return *ending_;
}

fs::path emulator_program(const System& system) {
    std::vector<fs::path> places;
    if (const auto own = system.variable("PYFOPS_EMULATOR"); own && !own->empty()) {
        places.emplace_back(*own);
    } else {
        // Seen from libpyfops, because an embedder's program may lie anywhere: bin beside lib in a build
        // tree, libexec beside lib or lib/<triplet> in an installation.
        const fs::path beside = library_directory().parent_path();
        places.push_back(beside / "bin" / "pyfops-emulator");
        places.push_back(beside / "libexec" / "pyfops" / "pyfops-emulator");
        places.push_back(beside.parent_path() / "libexec" / "pyfops" / "pyfops-emulator");
    }
    for (const auto& place : places)
        if (::access(place.c_str(), X_OK) == 0) return place;
    std::vector<std::string> names;
    for (const auto& place : places)
        names.push_back(place.string());
    throw Error(
        ErrorKind::not_found,
        fmt::format("the program of the local cloud is not there; looked for {}", fmt::join(names, ", ")))
        .hint("install pyfOps completely, or name the program in PYFOPS_EMULATOR");
}

} // namespace pyfops
