// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http_server.hpp"
#include "pyfops/clock.hpp"
#include "pyfops/emulator/instances.hpp"
#include "pyfops/sandbox.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pyfops {

/// One event on its way through an instance.
struct InstanceEvent {
    std::string request_id;
    std::string body;
    HttpHeaders headers; ///< to the runtime, complete
};

/// One sandboxed runtime and the Runtime API that is served to it alone. States of the process: starting,
/// ready (asked for its first event), ended. Lives until its process ended.
class Instance : public std::enable_shared_from_this<Instance> {
  public:
    struct Settings {
        std::shared_ptr<const FunctionImage> image;
        std::string ran_on;
        std::filesystem::path package; ///< unpacked
        std::size_t max_log_bytes = 0;
        std::size_t max_response_bytes = 0;
    };
    /// How a wait for the runtime went on.
    enum class Step { done, failed, ended, late };

    Instance(boost::asio::any_io_executor executor, Settings settings,
             std::unique_ptr<SandboxProcess> process);
    ~Instance();

    void start();
    /// done: asked for its first event; failed: posted an init error.
    Task<Step> wait_for_init(SteadyTime until);
    /// Gives the event to the runtime. done: answered; failed: posted an error.
    Task<Step> run(InstanceEvent event, SteadyTime until);
    /// Kills and waits for the end.
    Task<void> end();
    /// Kills; the end comes by itself.
    void kill() noexcept {
        if (process_) process_->kill();
    }

    /// Ends it at once; nothing of it may be asked afterwards.
    void drop() noexcept;

    const Settings& settings() const noexcept { return settings_; }
    bool ended() const noexcept { return exit_.has_value(); }
    const SandboxExit& exit() const { return *exit_; }
    bool out_of_memory() const { return process_->out_of_memory_kills() > 0; }
    /// Whether the runtime fetched the event of the last run.
    bool event_taken() const noexcept { return phase_ != Phase::given; }
    int peak_mb() const;
    /// What was printed since the last call, bounded and marked when cut.
    std::string take_log();
    /// What the runtime posted for the event or its start.
    std::string take_body() { return std::move(body_); }
    const std::string& error_type() const noexcept { return error_type_; }
    const std::string& content_type() const noexcept { return content_type_; }

    bool busy = false;    ///< the pool's: has an event or is starting
    bool retired = false; ///< the pool's: takes no further event
    SteadyTime idle_since{};

  private:
    /// The Runtime API, version 2018-06-01.
    static Task<ServerResponse> serve(std::shared_ptr<Instance> self, ServerRequest request);
    static Task<ServerResponse> next(std::shared_ptr<Instance> self);
    ServerResponse response(const std::string& request_id, ServerRequest request);
    ServerResponse error(const std::string& request_id, ServerRequest request);
    ServerResponse init_error(ServerRequest request);
    void too_large();

    /// Marks `asked_` while the runtime waits for its next event.
    class Asking {
      public:
        explicit Asking(bool& flag) : flag_(flag) { flag_ = true; }
        ~Asking() { flag_ = false; }
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;

      private:
        bool& flag_;
    };
    /// Asked of the kernel: one that has just ended must not take an event along.
    bool gone() const { return !process_ || ended() || process_->ended(); }
    static Task<void> watch(std::shared_ptr<Instance> self, Task<SandboxExit> end);
    Task<void> changed(SteadyTime until);
    void change() { changed_.cancel(); }

    boost::asio::any_io_executor executor_;
    Settings settings_;
    std::unique_ptr<SandboxProcess> process_;
    std::unique_ptr<HttpServer> server_;
    std::optional<SandboxExit> exit_;

    enum class Phase { starting, init_failed, waiting, given, running, answered, failed };
    Phase phase_ = Phase::starting;
    InstanceEvent event_;
    std::string body_;
    std::string error_type_;
    std::string content_type_;
    std::string log_;
    std::size_t log_cut_ = 0;
    boost::asio::steady_timer changed_; ///< cancelled when the pool has something to look at
    bool asked_ = false;
    boost::asio::steady_timer event_due_; ///< cancelled when an event is there for the runtime
};

} // namespace pyfops
