// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pyfops::store {

struct DestroyedRecord {
    FdIdentity identity;
    SystemTime at;
};

/// Another entry has reached the database.
struct Settled {
    std::string id;
};

/// One line of the journal.
struct JournalEntry {
    std::string id;
    std::string writer; ///< process that wrote it: what a living one wrote is its own business
    RunRecord run;
    std::variant<IntentRecord, OutcomeRecord, DestroyedRecord, Settled> what;
};

/// "<16 hex digits of SHA-256> <JSON>\n"
std::string to_line(const JournalEntry& entry);
/// Without the line end. None when the line is not one that to_line made.
std::optional<JournalEntry> from_line(std::string_view line);

} // namespace pyfops::store
