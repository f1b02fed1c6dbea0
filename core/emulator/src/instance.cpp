// SPDX-License-Identifier: Apache-2.0
#include "instance.hpp"

#include "peer.hpp"
#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace pyfops {

namespace asio = boost::asio;

namespace {

constexpr auto kill_limit = std::chrono::seconds(20);
/// An answer over the function's limit is still read, so that the runtime hears of it and goes on.
constexpr std::size_t max_body = 256u << 20;

} // namespace

Instance::Instance(asio::any_io_executor executor, Settings settings, std::unique_ptr<SandboxProcess> process)
    : executor_(executor),
      settings_(std::move(settings)),
      process_(std::move(process)),
      changed_(executor),
      event_due_(executor) {
    // Once: setting it again would wake whoever else waits.
    event_due_.expires_at(SteadyTime::max());
}

Instance::~Instance() = default;

void Instance::start() {
    const std::weak_ptr<Instance> weak = weak_from_this();
    process_->on_output([weak](std::string_view piece, bool) {
        const auto self = weak.lock();
        if (!self) return;
        const std::size_t limit = self->settings_.max_log_bytes;
        const std::size_t room = limit - std::min(limit, self->log_.size());
        self->log_.append(piece.substr(0, room));
        self->log_cut_ += piece.size() - std::min(piece.size(), room);
    });
    HttpServerOptions options;
    options.max_body = max_body;
    options.idle = Milliseconds(24 * 3600 * 1000);
    options.welcome = [pid = process_->pid()](int socket) { return is_peer_of(socket, pid); };
    const HttpServer::Handler handler = [weak](ServerRequest request) {
        return serve(weak.lock(), std::move(request));
    };
    server_ = std::make_unique<HttpServer>(executor_, handler, std::move(options));
    server_->adopt(::dup(process_->listener()));
    asio::co_spawn(executor_, watch(shared_from_this(), process_->wait()), asio::detached);
}

Task<void> Instance::watch(std::shared_ptr<Instance> self, Task<SandboxExit> end) {
    try {
        self->exit_ = co_await std::move(end);
    } catch (...) {
        self->exit_ = SandboxExit{};
    }
    self->server_->stop();
    self->change();
}

Task<void> Instance::changed(SteadyTime until) {
    changed_.expires_at(until);
    co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<Instance::Step> Instance::wait_for_init(SteadyTime until) {
    while (phase_ == Phase::starting && !ended()) {
        if (std::chrono::steady_clock::now() >= until) co_return Step::late;
        auto change = changed(until);
        co_await std::move(change);
    }
    if (phase_ == Phase::init_failed) {
        process_->read_output();
        co_return Step::failed;
    }
    co_return ended() ? Step::ended : Step::done;
}

Task<Instance::Step> Instance::run(InstanceEvent event, SteadyTime until) {
    event_ = std::move(event);
    body_.clear();
    error_type_.clear();
    content_type_.clear();
    phase_ = Phase::given;
    event_due_.cancel();
    while (phase_ != Phase::answered && phase_ != Phase::failed && !ended()) {
        if (std::chrono::steady_clock::now() >= until) co_return Step::late;
        auto change = changed(until);
        co_await std::move(change);
    }
    // What the handler printed was written before its answer.
    process_->read_output();
    if (phase_ == Phase::answered) co_return Step::done;
    co_return phase_ == Phase::failed ? Step::failed : Step::ended;
}

Task<void> Instance::end() {
    process_->kill();
    const SteadyTime until = std::chrono::steady_clock::now() + kill_limit;
    while (!ended() && std::chrono::steady_clock::now() < until) {
        auto change = changed(until);
        co_await std::move(change);
    }
}

void Instance::drop() noexcept {
    server_->stop();
    process_.reset();
}

int Instance::peak_mb() const {
    constexpr std::size_t megabyte = 1u << 20;
    return static_cast<int>((process_->peak_memory_bytes() + megabyte - 1) / megabyte);
}

std::string Instance::take_log() {
    std::string log = std::move(log_);
    log_.clear();
    if (log_cut_ > 0) {
        if (!log.ends_with('\n')) log += '\n';
        log += fmt::format("[the log of this event ends here: {} more bytes were printed]\n", log_cut_);
    }
    log_cut_ = 0;
    return log;
}

} // namespace pyfops
