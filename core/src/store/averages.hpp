// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

#include <optional>

namespace pyfops::store {

/// AFCL's rows in which a call was counted.
struct CountedRows {
    std::optional<long long> deployment, implementation, type;
};

/// Counts a call of the function deployment with this row, its implementation and its type: averages and
/// counters go on from what stands in the rows. Called once for each call, under counters access.
CountedRows count_call(Session& session, const TestRecord& test, long long deployment);

} // namespace pyfops::store
