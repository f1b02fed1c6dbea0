// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/export.hpp"
#include "pyfops/json.hpp"
#include "pyfops/log.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pyfops {

struct LocalCloudOptions {
    std::filesystem::path state; ///< ".pyfops/local"; created
    std::uint16_t port = 0;      ///< 0: the one of the state, or a free one that is then kept
    bool network = true;         ///< of the handlers
    bool require_sandbox = false;
    json::object faults; ///< fault plan, see docs/emulator.md
    std::vector<std::filesystem::path>
        plugin_path;                     ///< where the emulator looks for faces; empty: as the registry
    LogLevel log_level = LogLevel::info; ///< least of what it logs
};

/// The emulator as a command sees it: `pyfops-emulator` is a process of its own, so that no command maps its
/// code. Joined when one runs for that state, else started; it ends soon after the last one left. While this
/// object lives the emulator stays.
class PYFOPS_EXPORT LocalCloud {
  public:
    /// Blocking. Errors: unavailable (with the emulator's own words), sandbox abilities as in EngineOptions.
    explicit LocalCloud(const LocalCloudOptions& options, const System& system);
    ~LocalCloud();
    LocalCloud(const LocalCloud&) = delete;
    LocalCloud& operator=(const LocalCloud&) = delete;

    std::string base_url() const; ///< "http://127.0.0.1:PORT"
    /// Variables that point official clients, and ours, at it: AWS_ENDPOINT_URL, keys, ...
    /// PYFOPS_LOCAL_PROVIDERS names the providers it stands in for: without it nothing is done in the local
    /// realm.
    std::map<std::string, std::string> environment() const;
    /// What points the official clients of one provider at it. Blocking. Throws Error(invalid_input) for a
    /// provider that it does not stand in for, naming those that it does.
    struct Client {
        std::map<std::string, std::string> environment;
        std::string settings; ///< for clients that read no variable: lines of text, or ""
    };
    Client client(const std::string& provider) const;
    /// What the sandbox does not enforce here, and which Python runs what.
    std::vector<std::string> notices() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The same as a child of this process, for who keeps one running: it logs to standard error and ends with
/// this object, or with the process.
class PYFOPS_EXPORT ForegroundCloud {
  public:
    /// Starts it. Errors: as LocalCloud.
    ForegroundCloud(const LocalCloudOptions& options, const System& system);
    ~ForegroundCloud();
    ForegroundCloud(const ForegroundCloud&) = delete;
    ForegroundCloud& operator=(const ForegroundCloud&) = delete;

    /// Blocking. Its base URL once it answers; "" when `stop` came first. Throws Error(unavailable).
    std::string wait_ready();
    /// Asks it to end. From any thread.
    void stop() noexcept;
    /// Blocking, until it has ended. Throws Error(internal) when it ended badly and not by `stop`.
    void wait();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The program that both start: beside libpyfops in the build tree, in libexec when installed, or
/// $PYFOPS_EMULATOR. Throws Error(not_found) listing the places.
PYFOPS_EXPORT std::filesystem::path emulator_program(const System& system);

} // namespace pyfops
