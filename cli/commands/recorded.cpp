// SPDX-License-Identifier: Apache-2.0
#include "commands/recorded.hpp"

namespace pyfops::cli {

bool has_record(Session& session) {
    const DatabaseUrl url = session.database_url();
    std::error_code failure;
    if (url.kind == DatabaseUrl::Kind::sqlite && !std::filesystem::exists(url.path, failure)) return false;
    return session.store().check().version > 0;
}

DeploymentFilter recorded_filter(Session& session) {
    DeploymentFilter filter;
    if (!session.arguments().has("all-projects")) filter.project = session.project().name;
    filter.realm = session.realm();
    filter.with_destroyed = session.arguments().has("all");
    return filter;
}

} // namespace pyfops::cli
