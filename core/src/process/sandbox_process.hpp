// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/cgroup.hpp"
#include "process/child.hpp"
#include "process/output.hpp"
#include "pyfops/sandbox.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pyfops::process {

/// What a started group hands over to its watcher.
struct StartedGroup {
    Child keeper;               ///< the first process; the group ends with it
    int pid = -1;               ///< of the program
    bool own_processes = false; ///< a process namespace: killing the keeper kills all
    Fd control, output, errors, listener;
    std::string listener_address;
    std::unique_ptr<Cgroup> group;   ///< null: memory is sampled
    std::filesystem::path directory; ///< a private /tmp to remove at the end; empty: none
    std::optional<std::size_t> memory_bytes;
    std::size_t max_buffered = 0; ///< of output before a sink is there
};

/// Watches one group to its end. Its pending operations keep it alive; `stop` lets them go.
class GroupWatch : public std::enable_shared_from_this<GroupWatch> {
  public:
    GroupWatch(boost::asio::any_io_executor executor, StartedGroup group);
    ~GroupWatch();

    void start();
    /// Kills and waits for the kernel to be done: at the latest here everything is gone.
    void stop() noexcept;
    void kill() noexcept;
    bool ended() const noexcept;
    bool finished() const noexcept { return finished_; }
    const SandboxExit& exit() const noexcept { return exit_; }
    const StartedGroup& group() const noexcept { return group_; }
    void set_sink(std::function<void(std::string_view, bool)> sink);
    void read_output();
    void set_timed_out() noexcept { exit_.timed_out = true; }

    int out_of_memory_kills() const;
    std::size_t peak_bytes() const;
    std::size_t current_bytes() const;
    static Task<SandboxExit> wait(std::shared_ptr<GroupWatch> self);

  private:
    void finish() noexcept;
    void output(std::string_view piece, bool is_error);
    void watch_memory();
    /// The kernel announces an out-of-memory before it chose whom to kill.
    void look_for_kill(int attempts_left);
    void sample();
    std::size_t sampled_bytes() const;

    boost::asio::any_io_executor executor_;
    StartedGroup group_;
    SandboxExit exit_;
    bool finished_ = false;
    bool over_limit_ = false; ///< seen by sampling
    mutable std::size_t sampled_peak_ = 0;
    int final_kills_ = 0;
    std::function<void(std::string_view, bool)> sink_;
    std::string buffered_[2];
    OutputPipe out_;
    OutputPipe err_;
    boost::asio::posix::stream_descriptor ended_;
    boost::asio::posix::stream_descriptor memory_events_;
    boost::asio::steady_timer memory_timer_;
    boost::asio::steady_timer done_;
};

} // namespace pyfops::process
