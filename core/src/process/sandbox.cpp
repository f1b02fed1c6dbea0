// SPDX-License-Identifier: Apache-2.0
#include "process/cgroup.hpp"
#include "process/sandbox_factory.hpp"
#include "process/sandbox_plan.hpp"
#include "process/sandbox_process.hpp"
#include "process/sandbox_start.hpp"
#include "pyfops/error.hpp"

#include <boost/asio/this_coro.hpp>

#include <unistd.h>

namespace pyfops {

namespace asio = boost::asio;
using process::GroupWatch;

namespace {

class RunningProcess final : public SandboxProcess {
  public:
    explicit RunningProcess(std::shared_ptr<GroupWatch> watch) : watch_(std::move(watch)) { watch_->start(); }
    ~RunningProcess() override {
        watch_->set_sink(nullptr);
        watch_->stop();
    }

    int pid() const noexcept override { return watch_->group().pid; }
    int listener() const noexcept override { return watch_->group().listener.get(); }
    std::string listener_address() const override { return watch_->group().listener_address; }
    void on_output(std::function<void(std::string_view, bool)> sink) override {
        watch_->set_sink(std::move(sink));
    }
    bool ended() const noexcept override { return watch_->ended(); }
    void read_output() override { watch_->read_output(); }
    int out_of_memory_kills() const override { return watch_->out_of_memory_kills(); }
    std::size_t peak_memory_bytes() const override { return watch_->peak_bytes(); }
    std::size_t memory_bytes() const override { return watch_->current_bytes(); }
    Task<SandboxExit> wait() override { return GroupWatch::wait(watch_); }
    void kill() noexcept override { watch_->kill(); }
    GroupWatch& watch() { return *watch_; }

  private:
    std::shared_ptr<GroupWatch> watch_;
};

class MachineSandbox final : public Sandbox {
  public:
    MachineSandbox(asio::any_io_executor executor, Clock& clock, Log& log, SandboxOptions options)
        : executor_(std::move(executor)),
          clock_(clock),
          log_(log),
          options_(std::move(options)) {}

    const SandboxAbilities& abilities() const override { return starter().abilities(); }

    std::unique_ptr<SandboxProcess> start(SandboxRequest request) override { return launch(request); }

    Task<Result> run(SandboxRequest request, Deadline deadline) override {
        const std::unique_ptr<RunningProcess> program = launch(request);
        Result result;
        program->on_output(
            [&result, limit = request.max_output_bytes](std::string_view piece, bool is_error) {
                std::string& into = is_error ? result.error_output : result.output;
                result.truncated |= process::append_bounded(into, piece, limit);
            });
        asio::steady_timer timer(executor_);
        if (!deadline.never()) {
            timer.expires_after(deadline.left(clock_));
            timer.async_wait(
                [watch = program->watch().weak_from_this()](const boost::system::error_code& failure) {
                    const auto alive = watch.lock();
                    if (failure || !alive || alive->finished()) return;
                    alive->set_timed_out();
                    alive->kill();
                });
        }
        result.exit = co_await program->wait();
        co_return result;
    }

  private:
    std::unique_ptr<RunningProcess> launch(const SandboxRequest& request) {
        const SandboxAbilities& can = starter().abilities();
        if (options_.require_complete && !can.complete())
            throw Error(ErrorKind::forbidden,
                        "the sandbox is not complete on this machine: " + can.missing.front())
                .hint("run as root on a machine with control groups, or do without --require-sandbox");
        return std::make_unique<RunningProcess>(
            std::make_shared<GroupWatch>(executor_, starter().start(request)));
    }

    process::SandboxStarter& starter() const {
        if (!starter_) starter_ = std::make_unique<process::SandboxStarter>(options_, log_);
        return *starter_;
    }

    asio::any_io_executor executor_;
    Clock& clock_;
    Log& log_;
    SandboxOptions options_;
    mutable std::unique_ptr<process::SandboxStarter> starter_; ///< tries the machine, so only when needed
};

} // namespace

std::unique_ptr<Sandbox> make_sandbox(asio::any_io_executor executor, Clock& clock, Log& log,
                                      SandboxOptions options) {
    return std::make_unique<MachineSandbox>(std::move(executor), clock, log, std::move(options));
}

} // namespace pyfops
