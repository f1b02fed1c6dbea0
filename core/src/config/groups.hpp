// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/diagnostics.hpp"
#include "pyfops/function.hpp"
#include "pyfops/target.hpp"

#include <vector>

namespace pyfops {

/// A function where it is deployed, with a group.
struct GroupMember {
    const FunctionSpec* function = nullptr;
    const Target* target = nullptr;
};

/// Functions of one group that cannot share a resource (other Python, other requirements, two values of a
/// variable) become findings.
void check_groups(const std::vector<GroupMember>& members, Diagnostics& diagnostics);

} // namespace pyfops
