// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

namespace pyfops {

/// The stages of a deployment, in their order.
enum class Stage { plan, wrap, package, deploy, tune, test, record };
PYFOPS_EXPORT std::string_view to_string(Stage stage) noexcept;

/// Events carry what they are about: "thumbnail" on "aws/eu-central-1", or a project-wide step (empty).
struct Subject {
    std::string function;
    std::string provider;
    std::string region;
    std::string slot; ///< "auto" or the MB as text
};

struct RunStarted {
    std::size_t deployments = 0;
};
struct RunFinished {
    std::size_t succeeded = 0;
    std::size_t failed = 0;
};
struct StageStarted {
    Subject subject;
    Stage stage;
};
struct StageFinished {
    Subject subject;
    Stage stage;
    Milliseconds duration{};
    std::optional<std::string> failure; ///< one line; none: it went well
    std::string outcome;                ///< "created", "updated", "unchanged", "3/3 passed"
};
/// Within a stage: "waiting for Active", bytes sent so far.
struct StageProgress {
    Subject subject;
    Stage stage;
    std::string what;
    std::size_t done = 0;
    std::size_t total = 0;
};
struct RetryScheduled {
    std::string operation;
    int attempt = 0;
    Milliseconds delay{};
    std::string reason;
};
/// Something the person should know that is not a failure: "deployed at 128 MB: memory: auto needs the
/// tuner".
struct Notice {
    Subject subject;
    std::string text;
};

using Event =
    std::variant<RunStarted, RunFinished, StageStarted, StageFinished, StageProgress, RetryScheduled, Notice>;

/// Receives every event of a run on the engine's thread, in order. Must not throw and not block.
class PYFOPS_EXPORT Observer {
  public:
    virtual ~Observer();
    virtual void on(const Event& event) noexcept = 0;
};

PYFOPS_EXPORT Observer& null_observer();

} // namespace pyfops
