// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/store.hpp"

#include <filesystem>
#include <memory>

namespace pyfops {

/// An append-only file (`.pyfops/journal`) that every intent and outcome reaches, fsynced, before the
/// database: JSON lines, each with a checksum. What the database did not take is replayed at the next start.
/// Blocking; several processes may append (one lock per line). A torn last line is ignored.
class PYFOPS_EXPORT Journal {
  public:
    explicit Journal(std::filesystem::path file);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Appends and returns the entry's id; it counts as pending until `settle`.
    std::string append(const RunRecord& run, const IntentRecord& intent);
    std::string append(const RunRecord& run, const OutcomeRecord& outcome);
    std::string append_destroyed(const RunRecord& run, const FdIdentity& identity, SystemTime at);
    /// The database has it.
    void settle(const std::string& id);
    /// Writes what is pending to `store`, in order; returns how many entries. An empty journal is truncated.
    std::size_t replay(Store& store);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops
