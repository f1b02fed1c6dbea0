// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_host.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>

namespace pyfops::testing {

namespace asio = boost::asio;

void RecordingLog::write(LogLevel, std::string_view message) noexcept {
    const std::lock_guard lock(mutex_);
    text_ += std::string(message) + "\n";
}

std::string RecordingLog::text() const {
    const std::lock_guard lock(mutex_);
    return text_;
}

FakeHost::FakeHost()
    : limiter(clock),
      workers(1),
      host{http, processes, sandbox, packages, workers, system, clock, random, limiter, log, observer} {}

StageContext FakeHost::context(Milliseconds time, Subject subject) {
    return StageContext{host, Deadline::after(clock, time), std::move(subject)};
}

void FakeHost::run_cancelling(Task<void> task, std::function<bool()> when) {
    drive(std::move(task), std::move(when));
}

void FakeHost::run_all(std::vector<Task<void>> tasks) {
    drive(std::move(tasks));
}

void FakeHost::drive(Task<void> task, std::function<bool()> cancel_when) {
    std::vector<Task<void>> tasks;
    tasks.push_back(std::move(task));
    drive(std::move(tasks), std::move(cancel_when));
}

void FakeHost::drive(std::vector<Task<void>> tasks, std::function<bool()> cancel_when) {
    asio::io_context loop;
    std::deque<asio::cancellation_signal> signals;
    std::size_t running = tasks.size();
    std::exception_ptr failure;
    for (Task<void>& task : tasks)
        asio::co_spawn(
            loop, std::move(task),
            asio::bind_cancellation_slot(signals.emplace_back().slot(), [&](std::exception_ptr thrown) {
                if (thrown && !failure) failure = thrown;
                --running;
            }));
    while (running > 0) {
        if (loop.run_one_for(std::chrono::seconds(60)) == 0) break; // a test must end
        if (cancel_when && cancel_when()) {
            cancel_when = nullptr;
            for (asio::cancellation_signal& signal : signals)
                signal.emit(asio::cancellation_type::terminal);
        }
    }
    if (running > 0) throw Error(ErrorKind::internal, "the task waits for something that never comes");
    if (failure) std::rethrow_exception(failure);
}

} // namespace pyfops::testing
