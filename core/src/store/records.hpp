// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

#include <vector>

namespace pyfops::store {

/// Each of these runs inside one transaction and may be repeated: the second time changes nothing.
RunId begin_run(Session& session, const RunRecord& run);
void finish_run(Session& session, RunId run, SystemTime finished, bool succeeded, const std::string& summary);
RecordedIntent record_intent(Session& session, const IntentRecord& intent);
void record_outcome(Session& session, const DatabaseUrl& url, RunId run, const OutcomeRecord& outcome);
void record_stage(Session& session, RunId run, const StageRecord& stage);
void record_test(Session& session, RunId run, const TestRecord& test);
void record_destroyed(Session& session, const FdIdentity& identity, SystemTime at);
std::vector<DeploymentRecord> deployments(Session& session, const DeploymentFilter& filter);

} // namespace pyfops::store
