// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/demand.hpp"

#include "store/session.hpp"

#include <vector>

namespace pyfops::store {

/// Throws Error(storage) when the database has no table `functiondeployment`.
void require_afcl(Session& session, const DatabaseUrl& url);

std::vector<DemandRow> demand(Session& session, const DemandFilter& filter);

} // namespace pyfops::store
