// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

#include <string>
#include <vector>

namespace pyfops::store {

/// One step of the schema. Forward only; a step that was shipped is never edited.
struct Migration {
    int version = 0;
    std::string name;
    std::string checksum; ///< over the statements: comments do not count
    std::vector<std::string> statements;
};

/// In order, for one dialect.
std::vector<Migration> migrations(bool mariadb);

/// The version of this program.
int latest_version();

/// The database's version; 0 when nothing of ours is there.
int schema_version(Session& session);

/// A sentence for each applied step that is not the one this program has.
std::vector<std::string> checksum_findings(Session& session);

/// Brings the schema up to date. Every step can be repeated, so an interrupted migration converges; one
/// process at a time. False when there was nothing to do. Throws Error(storage) for a newer database.
bool migrate(Session& session, const DatabaseUrl& url);

/// Throws Error(storage) that says what to do when the schema is not the one of this program.
void require_current(Session& session, const DatabaseUrl& url);

} // namespace pyfops::store
