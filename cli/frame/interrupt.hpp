// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

namespace pyfops::cli {

/// Ctrl-C (SIGINT), SIGTERM and SIGHUP while it lives: the first one calls `cancel` on a thread of its own,
/// the second one ends the process at once with 130. Handlers, not a mask: programs that we start get the
/// default dispositions. One at a time.
class Interrupt {
  public:
    explicit Interrupt(std::function<void()> cancel);
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    static bool seen() noexcept;

  private:
    std::function<void()> cancel_;
    std::thread thread_;
};

/// The dispositions outside an Interrupt: a signal restores the terminal and ends the process with 130; a
/// broken pipe is an error of `write`, not a death.
void install_default_signals();

} // namespace pyfops::cli
