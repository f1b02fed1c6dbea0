// SPDX-License-Identifier: Apache-2.0
#include "process/sandbox_process.hpp"

#include "base/proc.hpp"
#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace pyfops::process {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr int reap_limit_ms = 10'000;
constexpr milliseconds sample_period{4};

} // namespace

GroupWatch::GroupWatch(asio::any_io_executor executor, StartedGroup group)
    : executor_(executor),
      group_(std::move(group)),
      out_(executor, std::move(group_.output), [this](std::string_view piece) { output(piece, false); }),
      err_(executor, std::move(group_.errors), [this](std::string_view piece) { output(piece, true); }),
      ended_(executor),
      memory_events_(executor),
      memory_timer_(executor),
      done_(executor) {
    done_.expires_at(SteadyTime::max());
    exit_.approximate = !group_.group;
}

GroupWatch::~GroupWatch() {
    stop();
}

void GroupWatch::start() {
    const auto self = shared_from_this();
    ended_.assign(checked(::dup(group_.keeper.pidfd.get()), "a process descriptor").release());
    out_.start(self);
    err_.start(self);
    ended_.async_wait(asio::posix::descriptor_base::wait_read,
                      [self](const boost::system::error_code& failure) {
                          if (!failure) self->finish();
                      });
    if (!group_.group) {
        sample();
        return;
    }
    if (Fd events = group_.group->memory_events()) {
        memory_events_.assign(events.release());
        memory_events_.native_non_blocking(true);
        watch_memory();
        // What happened before the watch began raises no event.
        look_for_kill(1);
    }
}

void GroupWatch::watch_memory() {
    memory_events_.async_wait(asio::posix::descriptor_base::wait_read,
                              [self = shared_from_this()](const boost::system::error_code& failure) {
                                  if (failure || self->finished_) return;
                                  char event[4096];
                                  while (::read(self->memory_events_.native_handle(), event, sizeof event) >
                                         0) {
                                  }
                                  self->look_for_kill(200);
                                  self->watch_memory();
                              });
}

void GroupWatch::look_for_kill(int attempts_left) {
    if (finished_) return;
    // One of the group is gone: what remains is of no use any more, as on the clouds.
    if (group_.group->out_of_memory_kills() > 0) {
        kill();
        return;
    }
    if (attempts_left <= 1) return;
    memory_timer_.expires_after(milliseconds(2));
    memory_timer_.async_wait(
        [self = shared_from_this(), attempts_left](const boost::system::error_code& failure) {
            if (!failure) self->look_for_kill(attempts_left - 1);
        });
}

std::size_t GroupWatch::sampled_bytes() const {
    std::vector<int> all = proc::descendants(group_.keeper.pid);
    std::size_t resident = 0;
    for (const int pid : all)
        resident += proc::resident_bytes(pid);
    // The shares cannot be more than this, and cost much more to ask for.
    if (resident <= sampled_peak_) return resident;
    std::size_t shares = 0;
    for (const int pid : all)
        shares += proc::proportional_bytes(pid);
    sampled_peak_ = std::max(sampled_peak_, shares);
    return shares;
}

void GroupWatch::sample() {
    if (finished_) return;
    if (sampled_bytes() > group_.memory_bytes.value_or(SIZE_MAX)) {
        over_limit_ = true;
        kill();
        return;
    }
    memory_timer_.expires_after(group_.memory_bytes ? sample_period : 10 * sample_period);
    memory_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
        if (!failure) self->sample();
    });
}

void GroupWatch::output(std::string_view piece, bool is_error) {
    if (sink_)
        sink_(piece, is_error);
    else
        append_bounded(buffered_[is_error], piece, group_.max_buffered);
}

void GroupWatch::set_sink(std::function<void(std::string_view, bool)> sink) {
    sink_ = std::move(sink);
    for (const bool is_error : {false, true}) {
        const std::string piece = std::move(buffered_[is_error]);
        buffered_[is_error].clear();
        if (sink_ && !piece.empty()) sink_(piece, is_error);
    }
}

bool GroupWatch::ended() const noexcept {
    pollfd keeper{group_.keeper.pidfd.get(), POLLIN, 0};
    return finished_ || ::poll(&keeper, 1, 0) > 0;
}

void GroupWatch::read_output() {
    out_.read_available();
    err_.read_available();
}

int GroupWatch::out_of_memory_kills() const {
    if (finished_) return final_kills_;
    return group_.group ? group_.group->out_of_memory_kills() : over_limit_ ? 1 : 0;
}

std::size_t GroupWatch::peak_bytes() const {
    if (finished_) return exit_.peak_memory_bytes;
    return group_.group ? group_.group->peak_bytes() : sampled_peak_;
}

std::size_t GroupWatch::current_bytes() const {
    if (finished_) return 0;
    return group_.group ? group_.group->current_bytes() : sampled_bytes();
}

void GroupWatch::kill() noexcept {
    if (finished_) return;
    if (group_.own_processes)
        ::syscall(SYS_pidfd_send_signal, group_.keeper.pidfd.get(), SIGKILL, nullptr, 0);
    else // the keeper kills its descendants; alone, its death would leave them
        ::shutdown(group_.control.get(), SHUT_RDWR);
}

void GroupWatch::stop() noexcept {
    if (finished_) return;
    kill();
    finish();
}

void GroupWatch::finish() noexcept {
    if (finished_) return;
    reap(group_.keeper, reap_limit_ms);
    int status = 0;
    const ssize_t got = ::recv(group_.control.get(), &status, sizeof status, MSG_DONTWAIT);
    const Ending ending = got == sizeof status ? ending_of(status) : Ending{-1, SIGKILL};
    exit_.exit_code = ending.exit_code;
    exit_.signal = ending.signal;
    try {
        out_.drain();
        err_.drain();
        final_kills_ = out_of_memory_kills();
        exit_.out_of_memory = final_kills_ > 0;
        exit_.peak_memory_bytes = peak_bytes();
    } catch (...) {
        // No memory for the last words: the group is gone all the same.
    }
    finished_ = true;
    group_.group.reset();
    boost::system::error_code ignored;
    ended_.close(ignored);
    memory_events_.close(ignored);
    memory_timer_.cancel();
    std::error_code failure;
    if (!group_.directory.empty()) std::filesystem::remove_all(group_.directory, failure);
    done_.cancel();
}

Task<SandboxExit> GroupWatch::wait(std::shared_ptr<GroupWatch> self) {
    if (!self->finished_) co_await self->done_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!self->finished_) throw Error(ErrorKind::cancelled, "cancelled while a sandboxed program ran");
    co_return self->exit_;
}

} // namespace pyfops::process
