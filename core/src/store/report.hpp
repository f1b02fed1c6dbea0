// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/report.hpp"

#include "store/session.hpp"

#include <vector>

namespace pyfops::store {

std::vector<RecordedRun> runs(Session& session, const DeploymentFilter& filter);
AfclReport afcl_report(Session& session, const DeploymentFilter& filter);

} // namespace pyfops::store
