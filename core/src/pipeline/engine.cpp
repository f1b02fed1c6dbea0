// SPDX-License-Identifier: Apache-2.0
#include "pyfops/engine.hpp"

#include "base/task_cancellation.hpp"
#include "http/http_client.hpp"
#include "packaging/package_builder.hpp"
#include "process/processes.hpp"
#include "process/sandbox_factory.hpp"
#include "pyfops/crypto.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <cstring>
#include <exception>
#include <thread>

namespace pyfops {

namespace asio = boost::asio;

namespace {

/// The user's environment with some variables replaced: how `--local` points providers at the emulator.
class OverlaidSystem final : public System {
  public:
    OverlaidSystem(System& base, std::map<std::string, std::string> overlay)
        : base_(base),
          overlay_(std::move(overlay)) {}

    std::optional<std::string> variable(std::string_view name) const override {
        if (const auto found = overlay_.find(std::string(name)); found != overlay_.end())
            return found->second;
        return base_.variable(name);
    }
    std::map<std::string, std::string> variables() const override {
        auto all = base_.variables();
        for (const auto& [name, value] : overlay_)
            all[name] = value;
        return all;
    }
    std::optional<std::string> read_file(const std::filesystem::path& path,
                                         std::size_t max_bytes) const override {
        return base_.read_file(path, max_bytes);
    }
    std::filesystem::path home() const override { return base_.home(); }
    std::filesystem::path cache_directory() const override { return base_.cache_directory(); }

  private:
    System& base_;
    std::map<std::string, std::string> overlay_;
};

std::uint64_t fresh_seed() {
    std::uint64_t seed = 0;
    const std::string bytes = random_bytes(sizeof seed);
    std::memcpy(&seed, bytes.data(), sizeof seed);
    return seed;
}

unsigned worker_threads() {
    return std::max(2u, std::thread::hardware_concurrency());
}

} // namespace

struct Engine::State {
    explicit State(EngineOptions options)
        : log(options.log ? *options.log : null_log()),
          observer(options.observer ? *options.observer : null_observer()),
          clock(options.clock ? *options.clock : real_clock()),
          system(options.system ? *options.system : real_system(), std::move(options.overlay)),
          random(options.seed ? *options.seed : fresh_seed()),
          limiter(clock),
          workers(worker_threads()),
          http(make_http_client(io.get_executor(),
                                {options.ca_bundle, options.trace_http, &system, &clock, &log})),
          processes(make_processes(io.get_executor(), clock)),
          sandbox(make_sandbox(io.get_executor(), clock, log, {options.require_sandbox, {}})),
          packages(make_package_builder(system.cache_directory())),
          plugins(plugin_search_path(system)),
          host{*http, *processes, *sandbox, *packages, workers, system,
               clock, random,     limiter,  log,       observer} {}

    asio::io_context io{1};
    Log& log;
    Observer& observer;
    Clock& clock;
    OverlaidSystem system;
    SeededRandom random;
    Limiter limiter;
    Workers workers;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<Processes> processes;
    std::unique_ptr<Sandbox> sandbox;
    std::unique_ptr<PackageBuilder> packages;
    PluginRegistry plugins;
    Host host;
    TaskCancellation cancellation; ///< the engine's thread only
    std::atomic<bool> cancelled{false};

    Task<void> begin(Task<void> task) {
        cancellation.begin();
        if (cancelled) throw Error(ErrorKind::cancelled, "cancelled");
        co_await std::move(task);
    }
};

Engine::Engine(EngineOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Engine::~Engine() = default;

Host& Engine::host() {
    return state_->host;
}
PluginRegistry& Engine::plugins() {
    return state_->plugins;
}

void Engine::cancel() noexcept {
    if (state_->cancelled.exchange(true)) return;
    try {
        asio::post(state_->io, [state = state_.get()] { state->cancellation.emit(); });
    } catch (const std::exception&) {
        // Out of memory: the flag alone must do; it is looked at before each step.
    }
}

bool Engine::cancelled() const noexcept {
    return state_->cancelled;
}

void Engine::run_until_done(Task<void> task) {
    std::exception_ptr failure;
    bool done = false;
    auto finished = [&](std::exception_ptr result) {
        failure = result;
        done = true;
    };
    state_->io.restart();
    // Workers resume tasks by posting: the loop must not end while one of them is busy.
    auto guard = asio::make_work_guard(state_->io);
    asio::co_spawn(state_->io, state_->begin(std::move(task)),
                   asio::bind_cancellation_slot(state_->cancellation.slot(), finished));
    while (!done)
        state_->io.run_one();
    if (failure) throw to_error(failure);
}

} // namespace pyfops
