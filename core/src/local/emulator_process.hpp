// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/child.hpp"
#include "pyfops/local_cloud.hpp"

#include <filesystem>
#include <optional>

namespace pyfops {

/// `pyfops-emulator` from its start to its end: one argument, a JSON object of options; one line of JSON on
/// its standard output once it answers, or says why it will not.
class EmulatorProcess {
  public:
    enum class Life {
        shared,    ///< in a session of its own, logging to the state; it ends after its last lease
        foreground ///< a child that logs to our standard error and ends with us
    };
    /// Errors: unavailable.
    EmulatorProcess(const LocalCloudOptions& options, Life life, const System& system);

    /// Blocking, up to `patience` (none: as long as it takes). What it told; nullopt: it ended, or did not
    /// answer in time, without a word. Throws Error(unavailable) with its own reason.
    std::optional<json::object> ready_line(std::optional<Milliseconds> patience);
    /// From any thread; without effect on one that has ended.
    void signal(int number) const noexcept;
    /// Blocking; may be called again.
    process::Ending wait();

  private:
    process::Child child_;
    std::optional<process::Ending> ending_;
    process::Fd output_;
};

/// The options as the program takes them, but for its life.
json::object program_options(const LocalCloudOptions& options);

} // namespace pyfops
