// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

#include <string>
#include <vector>

namespace pyfops::store {

/// A sentence for each way in which the live schema is not the one that the migrations make; extra tables and
/// columns are nobody's business unless they keep rows from being written.
std::vector<std::string> schema_differences(Session& session);

/// A sentence for each contradiction in the data. Reads only.
std::vector<std::string> data_findings(Session& session);

} // namespace pyfops::store
