// SPDX-License-Identifier: Apache-2.0
#include "local/emulator_process.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>

namespace pyfops {

struct ForegroundCloud::State {
    State(const LocalCloudOptions& options, const System& system)
        : process(options, EmulatorProcess::Life::foreground, system) {}
    EmulatorProcess process;
    std::atomic<bool> stopped{false};
};

ForegroundCloud::ForegroundCloud(const LocalCloudOptions& options, const System& system)
    : state_(std::make_unique<State>(options, system)) {}

ForegroundCloud::~ForegroundCloud() {
    state_->process.signal(SIGTERM);
    state_->process.wait();
}

std::string ForegroundCloud::wait_ready() {
    if (const auto told = state_->process.ready_line(std::nullopt)) return string_or(*told, "base_url");
    if (state_->stopped) return {};
    throw Error(ErrorKind::unavailable, "the local cloud ended before it was ready")
        .hint("its own words stand above; 'pyfops doctor' looks for causes");
}

void ForegroundCloud::stop() noexcept {
    state_->stopped = true;
    state_->process.signal(SIGTERM);
}

void ForegroundCloud::wait() {
    const process::Ending ending = state_->process.wait();
    if (state_->stopped || (ending.signal == 0 && ending.exit_code == 0)) return;
    throw Error(ErrorKind::internal,
                ending.signal != 0 ? fmt::format("the local cloud was ended by signal {}", ending.signal)
                                   : fmt::format("the local cloud ended with {}", ending.exit_code));
}

} // namespace pyfops
