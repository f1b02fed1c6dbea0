// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace pyfops::store {

/// project, function, provider, region, realm and slot in six columns from `first` on.
FdIdentity identity_of(const Row& row, std::size_t first);
/// "p.project = ? AND p.realm = ?" of what the filter asks for, with its values appended; "1 = 1" for
/// nothing.
std::string project_and_realm(const std::string& table, const DeploymentFilter& filter, Values& values);

/// Each of these runs inside one transaction and may be repeated: the second time changes nothing.
RunId begin_run(Session& session, const RunRecord& run);
void finish_run(Session& session, RunId run, SystemTime finished, bool succeeded, const std::string& summary);
RecordedIntent record_intent(Session& session, const IntentRecord& intent);
void record_outcome(Session& session, const DatabaseUrl& url, RunId run, const OutcomeRecord& outcome);
void record_stage(Session& session, RunId run, const StageRecord& stage);
void record_test(Session& session, RunId run, const TestRecord& test);
void record_probe(Session& session, RunId run, const ProbeRecord& probe);
void record_destroyed(Session& session, const FdIdentity& identity, SystemTime at);
std::vector<DeploymentRecord> deployments(Session& session, const DeploymentFilter& filter);
std::vector<ProbeRecord> probes(Session& session, const DeploymentFilter& filter);

} // namespace pyfops::store
