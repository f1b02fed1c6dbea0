// SPDX-License-Identifier: Apache-2.0
#include "process/processes.hpp"

#include "process/child.hpp"
#include "process/output.hpp"
#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace pyfops {

namespace asio = boost::asio;

namespace {

using process::Child;
using process::Fd;

constexpr int reap_limit_ms = 5000;

bool is_program(const std::filesystem::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(file.c_str(), X_OK) == 0;
}

/// The absolute path of a program, as execvp would find it.
std::filesystem::path find_program(const ProcessRequest& request) {
    if (request.command.empty()) throw Error(ErrorKind::invalid_input, "no program to run was given");
    const std::string& name = request.command.front();
    if (name.find('/') != std::string::npos) return std::filesystem::absolute(name);
    const auto given = request.environment.find("PATH");
    const char* own = std::getenv("PATH");
    std::string_view rest = given != request.environment.end() ? std::string_view(given->second)
                            : own                              ? std::string_view(own)
                                                               : "/usr/local/bin:/usr/bin:/bin";
    while (!name.empty() && !rest.empty()) {
        const std::size_t end = rest.find(':');
        const std::string_view directory = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (directory.empty()) continue;
        std::filesystem::path candidate = std::filesystem::path(directory) / name;
        if (is_program(candidate)) return std::filesystem::absolute(candidate);
    }
    throw Error(ErrorKind::not_found, "the program '" + name + "' was not found on PATH")
        .hint("install it, or give its path");
}

/// One run: the child, its pipes, its result. Kept alive by its pending operations.
class Run : public std::enable_shared_from_this<Run> {
  public:
    Run(asio::any_io_executor executor, ProcessRequest request)
        : executor_(executor),
          request_(std::move(request)),
          done_(executor),
          ended_(executor) {}

    ~Run() { stop(); }

    void start() {
        const std::filesystem::path program = find_program(request_);
        for (const std::string& argument : request_.command)
            if (argument.find('\0') != std::string::npos)
                throw Error(ErrorKind::invalid_input,
                            "an argument of '" + program.string() + "' holds a NUL byte");
        const process::StringArray arguments{request_.command};
        const process::StringArray environment{request_.environment};
        const Fd input = process::make_input(request_.input);
        auto output = process::make_pipe();
        auto errors = process::make_pipe();
        auto report = process::make_pipe();
        const std::string directory = request_.directory.string();

        child_ = process::fork_child();
        if (child_.pid == 0) {
            const int report_to = report[1].get();
            if (::setpgid(0, 0) != 0) process::fail(report_to, "making its process group");
            process::reset_signals();
            if (!process::set_standard_streams(input.get(), output[1].get(), errors[1].get()))
                process::fail(report_to, "setting its streams");
            process::close_on_exec();
            if (!directory.empty() && ::chdir(directory.c_str()) != 0)
                process::fail(report_to, "entering its directory");
            ::execve(program.c_str(), arguments.data(), environment.data());
            process::fail(report_to, "executing it");
        }
        finished_ = false;
        output[1].reset();
        errors[1].reset();
        report[1].reset();
        process::Failure failure{};
        ssize_t got = 0;
        while ((got = ::read(report[0].get(), &failure, sizeof failure)) < 0 && errno == EINTR) {
        }
        if (got > 0) {
            process::reap(child_, reap_limit_ms);
            finished_ = true;
            const bool missing = failure.error == ENOENT && std::strcmp(failure.step, "executing it") == 0;
            throw Error(missing ? ErrorKind::not_found : ErrorKind::invalid_input,
                        "cannot run '" + program.string() + "': " + failure.step +
                            (directory.empty() ? "" : " ('" + directory + "')") +
                            " failed: " + std::strerror(failure.error));
        }
        const std::shared_ptr<Run> self = shared_from_this();
        ended_.assign(process::checked(::dup(child_.pidfd.get()), "a process descriptor").release());
        output_.emplace(executor_, std::move(output[0]), [this](std::string_view piece) {
            result_.truncated |= process::append_bounded(result_.output, piece, request_.max_output_bytes);
        });
        errors_.emplace(executor_, std::move(errors[0]), [this](std::string_view piece) {
            result_.truncated |=
                process::append_bounded(result_.error_output, piece, request_.max_output_bytes);
        });
        output_->start(self);
        errors_->start(self);
        ended_.async_wait(asio::posix::descriptor_base::wait_read,
                          [this, self](const boost::system::error_code& failed) {
                              if (!failed) finish();
                          });
    }

    /// Ends with the process or at the deadline; true: the process ended.
    Task<bool> wait(SteadyTime until) {
        done_.expires_at(until);
        if (!finished_) co_await done_.async_wait(asio::as_tuple(asio::use_awaitable));
        co_return finished_;
    }
    /// True when the waiting was ended by the deadline and not by a cancellation.
    bool deadline_passed() const { return done_.expiry() <= std::chrono::steady_clock::now(); }
    ProcessResult take_result() { return std::move(result_); }

    /// Kills what still runs.
    void stop() noexcept {
        if (finished_) return;
        ::kill(-child_.pid, SIGKILL);
        finish();
    }

  private:
    void finish() {
        if (finished_) return;
        finished_ = true;
        // The leader is not reaped yet, so its group's id cannot belong to somebody else.
        ::kill(-child_.pid, SIGKILL);
        const process::Ending ending = process::reap(child_, reap_limit_ms);
        result_.exit_code = ending.exit_code;
        result_.signal = ending.signal;
        if (output_) output_->drain();
        if (errors_) errors_->drain();
        boost::system::error_code ignored;
        ended_.close(ignored);
        done_.cancel();
    }

    asio::any_io_executor executor_;
    ProcessRequest request_;
    ProcessResult result_;
    Child child_;
    bool finished_ = true; ///< nothing to kill and reap
    asio::steady_timer done_;
    asio::posix::stream_descriptor ended_;
    std::optional<process::OutputPipe> output_;
    std::optional<process::OutputPipe> errors_;
};

class RealProcesses final : public Processes {
  public:
    RealProcesses(asio::any_io_executor executor, Clock& clock)
        : executor_(std::move(executor)),
          clock_(clock) {}

    Task<ProcessResult> run(ProcessRequest request, Deadline deadline) override {
        const std::string name = request.command.empty() ? std::string() : request.command.front();
        // The process lives in real time, whatever the injected clock is.
        const SteadyTime until =
            deadline.never() ? SteadyTime::max() : std::chrono::steady_clock::now() + deadline.left(clock_);
        auto run = std::make_shared<Run>(executor_, std::move(request));
        run->start();
        // Also when this coroutine is destroyed while it waits.
        struct Stop {
            Run& run;
            ~Stop() { run.stop(); }
        } stop{*run};
        const bool ended = co_await run->wait(until);
        if (ended) co_return run->take_result();
        if (run->deadline_passed())
            throw Error(ErrorKind::timeout, "'" + name + "' did not end in time and was killed");
        throw Error(ErrorKind::cancelled, "'" + name + "' was stopped");
    }

  private:
    asio::any_io_executor executor_;
    Clock& clock_;
};

} // namespace

std::unique_ptr<Processes> make_processes(asio::any_io_executor executor, Clock& clock) {
    return std::make_unique<RealProcesses>(std::move(executor), clock);
}

} // namespace pyfops
