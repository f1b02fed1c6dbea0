// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/session.hpp"

#include <string>
#include <string_view>

namespace pyfops::cli {

/// False when nothing was ever recorded there: looking makes no database.
bool has_record(Session& session);

/// This project's (with --all-projects every project's) deployments of this realm; --all: destroyed ones too.
DeploymentFilter recorded_filter(Session& session);

/// How many rows of one kind a filter and a selection take.
using CountRows = std::size_t (*)(Store&, const DeploymentFilter&, const Selection&);
std::size_t count_deployments(Store& store, const DeploymentFilter& filter, const Selection& selection);

/// Why a table of that kind ("deployment") has no rows, and which option shows some. Asks no cloud.
std::string why_nothing(Session& session, std::string_view kind, CountRows count);

/// "3 deployments of the local cloud: --local shows them"; "" when the other realm has none, or when its
/// database is none of this machine's files.
std::string of_the_other_realm(Session& session, std::string_view kind, CountRows count);

} // namespace pyfops::cli
