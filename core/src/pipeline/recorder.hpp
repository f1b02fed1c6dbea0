// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/journal.hpp"
#include "pyfops/limiter.hpp"
#include "pyfops/pipeline.hpp"
#include "pyfops/store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

OutcomeRecord outcome_of(const Deployment& deployment, const Package& package);

/// Writes a run to the journal and then to the database, one call at a time, off the engine's thread. Without
/// a store it does nothing. Errors: storage; what the journal has is replayed at the next start.
class Recorder {
  public:
    Recorder(Host& host, Store* store, Journal* journal);

    /// Migrates, replays what an earlier run could not store, and opens the run.
    Task<void> begin(const RunRequest& request);
    /// The end is recorded also when the run was cancelled: from here on the task cannot be. What was done is
    /// reported also when the database went away meanwhile: the failure comes back.
    Task<std::optional<Error>> finish(bool succeeded, std::string summary);
    /// Sentences about names that the database told apart come back.
    Task<std::vector<std::string>> intent(IntentRecord record);
    Task<void> outcome(OutcomeRecord record);
    Task<void> stage(StageRecord record);
    Task<void> test(TestRecord record);
    Task<void> probe(ProbeRecord record);
    Task<void> destroyed(FdIdentity identity);
    Task<std::vector<DeploymentRecord>> deployments(DeploymentFilter filter);

  private:
    Task<void> exclusively(std::function<void()> work);

    Host& host_;
    Store* store_;
    Journal* journal_;
    Semaphore one_at_a_time_;
    RunRecord run_;
    RunId id_ = 0;
};

} // namespace pyfops
