// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/json.hpp"
#include "pyfops/log.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pyfops {

/// What `pyfops-emulator` is told in its one argument, a JSON object (docs/emulator.md).
struct ProgramOptions {
    std::filesystem::path state;
    std::uint16_t port = 0; ///< 0: the one of the state, or a free one that is then kept
    bool tls = true;
    bool network = true;
    bool require_sandbox = false;
    bool foreground = false; ///< until SIGINT or SIGTERM instead of until the last lease
    std::int64_t linger_ms = 10'000;
    json::object faults;
    std::vector<std::filesystem::path> plugin_path; ///< empty: as the registry
    LogLevel log_level = LogLevel::info;
};

/// Throws Error(invalid_input), for unknown members as well.
PYFOPS_EXPORT ProgramOptions parse_program_options(std::string_view text);

/// Runs the local cloud until it is to end. `ready` gets the object of the ready line. Throws Error when it
/// cannot start: conflict when one runs for that state already.
PYFOPS_EXPORT void run_emulator(const ProgramOptions& options,
                                const std::function<void(const json::object&)>& ready);

} // namespace pyfops
