// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

namespace pyfops::store {

/// The rows of AFCL's tables that an intent needs, found or created. Each of these is called under catalogue
/// access; what two projects would both claim is told apart, and `recorded.notices` says so.
long long provider_row(Session& session, const std::string& afcl_name);
long long region_row(Session& session, const IntentRecord& intent, long long provider);
/// None when the Python version is empty.
Value language_row(Session& session, const IntentRecord& intent);
long long type_row(Session& session, const IntentRecord& intent, RecordedIntent& recorded);
long long implementation_row(Session& session, const IntentRecord& intent, long long type, long long provider,
                             const Value& language, RecordedIntent& recorded);
long long deployment_row(Session& session, const IntentRecord& intent, long long implementation,
                         long long region, RecordedIntent& recorded);
/// Replaces the plain environment variables of a deployment.
void write_environment(Session& session, const IntentRecord& intent, long long deployment,
                       RecordedIntent& recorded);

} // namespace pyfops::store
