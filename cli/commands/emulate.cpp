// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/runtimes.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"
#include "views/common.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pyfops::cli {

namespace {

/// The project's local cloud, or the one of this folder when there is no project.
std::filesystem::path state_of(Session& session) {
    if (const std::string given = session.arguments().value("state"); !given.empty())
        return std::filesystem::absolute(given);
    std::filesystem::path base = std::filesystem::current_path();
    try {
        base = session.project_file().parent_path();
    } catch (const Error&) {
        if (session.arguments().has("file")) throw;
    }
    return base / ".pyfops" / "local";
}

json::object fault_plan(const std::string& file) {
    if (file.empty()) return {};
    const std::string what = "the fault plan '" + escape_control(file) + "'";
    json::value plan = parse_json(read_file(file, 1u << 20), what);
    if (!plan.is_object())
        throw Error(ErrorKind::invalid_input, what + " is no JSON object").hint("see docs/emulator.md");
    return std::move(plan.as_object());
}

std::string shell_quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

int print_environment(Session& session, const std::filesystem::path& state, const std::string& provider) {
    Console& console = session.console();
    LocalCloudOptions options;
    options.state = state;
    const LocalCloud cloud(options, real_system());
    const LocalCloud::Client client =
        provider.empty() ? LocalCloud::Client{cloud.environment(), ""} : cloud.client(provider);
    if (console.json()) {
        json::object result = document("emulate");
        result["url"] = cloud.base_url();
        json::object variables;
        for (const auto& [name, value] : client.environment)
            variables[name] = value;
        result["environment"] = std::move(variables);
        if (!client.settings.empty()) result["settings"] = client.settings;
        console.result(result);
        return all_well;
    }
    std::string text;
    for (const auto& [name, value] : client.environment)
        text += fmt::format("export {}={}\n", name, shell_quoted(value));
    for (const std::string_view line : split(trimmed(client.settings), '\n'))
        if (!client.settings.empty()) text += fmt::format("# {}\n", line);
    console.result(text);
    console.note("note: the local cloud ends soon after the last command that uses it; keep 'pyfops emulate' "
                 "running for other clients");
    return all_well;
}

/// The emulator as a child: its first line of output comes through a pipe, its log goes to our stderr.
class Child {
  public:
    Child(const std::filesystem::path& program, const std::string& argument) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
        const pid_t parent = ::getpid();
        const std::string path = program.string();
        id_ = ::fork();
        if (id_ == 0) {
            // Without us nobody would end it.
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (::getppid() == parent && ::dup2(ends[1], 1) == 1) {
                const char* words[] = {path.c_str(), argument.c_str(), nullptr};
                ::execv(path.c_str(), const_cast<char* const*>(words));
            }
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
        if (id_ < 0) fail("cannot start the local cloud", errno);
    }
    ~Child() {
        ::close(output_);
        if (id_ > 0) {
            stop();
            wait();
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    std::string first_line() const {
        std::string line;
        char c = 0;
        while (true) {
            const ssize_t got = ::read(output_, &c, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0 || c == '\n') return line;
            line += c;
        }
    }
    /// From any thread; nothing when it has ended.
    void stop() const noexcept {
        if (const pid_t id = id_; id > 0) ::kill(id, SIGTERM);
    }
    /// How it ended, as waitpid tells.
    int wait() {
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = -1;
        return status;
    }

  private:
    [[noreturn]] static void fail(const char* what, int number) {
        throw Error(ErrorKind::internal, fmt::format("{}: {}", what, std::strerror(number)));
    }
    std::atomic<pid_t> id_{-1};
    int output_ = -1;
};

std::string introduction(const std::string& url, const std::filesystem::path& state) {
    return fmt::format(
        "the local cloud answers at {}; its state is in {}\n"
        "  eval \"$(pyfops emulate --print-env --state {})\"   # in another shell, for SDKs and tools\n"
        "Ctrl-C ends it\n",
        url, state.string(), shell_quoted(state.string()));
}

} // namespace

int run_emulate(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    if (arguments.has("runtimes")) return run_runtimes(session, arguments.operand(0));
    if (!arguments.operands().empty() && !arguments.has("print-env"))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'{}' belongs to no option", escape_control(arguments.operand(0))))
            .hint("'pyfops emulate --runtimes VERSIONS' makes exact interpreters, '--print-env PROVIDER' "
                  "prints its variables");
    const std::filesystem::path state = state_of(session);
    if (arguments.has("print-env")) return print_environment(session, state, arguments.operand(0));
    json::object options;
    options["state"] = state.string();
    options["port"] = arguments.number("port", 1, 65535, 0);
    options["network"] = !arguments.has("no-network");
    options["require_sandbox"] = arguments.has("require-sandbox");
    options["foreground"] = true;
    options["faults"] = fault_plan(arguments.value("faults"));
    options["log_level"] = console.options().verbose > 1   ? "debug"
                           : console.options().verbose > 0 ? "info"
                                                           : "warning";
    Child child(emulator_program(real_system()), json::serialize(options));
    const Interrupt interrupt([&child] { child.stop(); });
    const std::string said = child.first_line();
    if (said.empty() && Interrupt::seen()) return all_well;
    if (said.empty())
        throw Error(ErrorKind::unavailable, "the local cloud ended before it was ready")
            .hint("its own words stand above; 'pyfops doctor' looks for causes");
    const json::value line = parse_json(said, "what the local cloud says");
    if (const json::value* failure = find(line, "error"))
        throw Error(ErrorKind::unavailable,
                    failure->is_string() ? std::string(failure->as_string()) : "no reason")
            .context("starting the local cloud")
            .hint(string_or(line, "hint"));
    const std::string url = string_or(line, "base_url");
    if (console.json()) {
        json::object result = document("emulate");
        result["url"] = url;
        result["state"] = state.string();
        console.result(result);
    } else {
        console.result(introduction(url, state));
    }
    const int status = child.wait();
    // Ctrl-C is how it is meant to end.
    if (Interrupt::seen()) return all_well;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return all_well;
    throw Error(ErrorKind::internal,
                WIFSIGNALED(status) ? fmt::format("the local cloud was ended by signal {}", WTERMSIG(status))
                                    : fmt::format("the local cloud ended with {}", WEXITSTATUS(status)));
}

} // namespace pyfops::cli
