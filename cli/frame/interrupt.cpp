// SPDX-License-Identifier: Apache-2.0
#include "frame/interrupt.hpp"

#include "frame/console.hpp"
#include "frame/exit_code.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace pyfops::cli {

namespace {

constexpr int watched[] = {SIGINT, SIGTERM, SIGHUP};
std::atomic<int> event{-1}; ///< wakes the thread of the living Interrupt; -1: there is none
std::atomic<int> signals{0};
std::atomic<bool> ending{false};

void on_signal(int) {
    const int saved = errno;
    const int descriptor = event.load();
    if (descriptor < 0 || signals.fetch_add(1) > 0) {
        Screen::restore_from_signal();
        ::_exit(interrupted);
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(descriptor, &one, sizeof one);
    errno = saved;
}

void on_broken_pipe(int) {}

void install(int signal, void (*handler)(int)) {
    struct sigaction action {};
    struct sigaction before {};
    // nohup and the like ask us to ignore a signal: so we do.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN && signal != SIGPIPE)
        return;
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

} // namespace

void install_default_signals() {
    for (const int signal : watched)
        install(signal, on_signal);
    install(SIGPIPE, on_broken_pipe);
}

Interrupt::Interrupt(std::function<void()> cancel) : cancel_(std::move(cancel)) {
    ending = false;
    signals = 0;
    const int descriptor = ::eventfd(0, EFD_CLOEXEC);
    event = descriptor;
    thread_ = std::thread([this, descriptor] {
        std::uint64_t count = 0;
        while (::read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {
        }
        if (!ending) cancel_();
    });
}

Interrupt::~Interrupt() {
    const int descriptor = event.exchange(-1);
    ending = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(descriptor, &one, sizeof one);
    thread_.join();
    ::close(descriptor);
}

bool Interrupt::seen() noexcept {
    return signals.load() > 0;
}

} // namespace pyfops::cli
