// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/session.hpp"

namespace pyfops::cli {

/// False when nothing was ever recorded there: looking makes no database.
bool has_record(Session& session);

/// This project's (with --all-projects every project's) deployments of this realm; --all: destroyed ones too.
DeploymentFilter recorded_filter(Session& session);

} // namespace pyfops::cli
